//! Ports that an instance serves.

use serde::{Deserialize, Serialize};

/// Who may reach a port through the proxy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Its owner only.
    #[default]
    Private,
    /// Everybody who knows the address.
    Public,
}

/// What the proxy speaks to the port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Plain HTTP.
    #[default]
    Http,
    /// HTTPS, its certificate not verified (it is the workspace's own).
    Https,
}

/// What to do when a port starts to be served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnOpen {
    /// Tell the user.
    #[default]
    Notify,
    /// Tell the user that it can be made public.
    NotifyPrivate,
    /// Open a browser tab.
    OpenBrowser,
    /// Open the editor's preview.
    OpenPreview,
    /// Nothing.
    Ignore,
    /// Nothing, and hide it.
    IgnoreCompletely,
}

/// A port as configured by the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PortSpec {
    /// First port.
    pub start: u16,
    /// Last port; equals `start` for a single one.
    pub end: u16,
    /// For people.
    pub name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Who may reach it.
    pub visibility: Visibility,
    /// What the proxy speaks to it.
    pub protocol: Protocol,
    /// What to do when it starts to be served.
    pub on_open: OnOpen,
}

impl PortSpec {
    /// A private HTTP port.
    pub fn new(port: u16) -> Self {
        Self {
            start: port,
            end: port,
            name: None,
            description: None,
            visibility: Visibility::Private,
            protocol: Protocol::Http,
            on_open: OnOpen::Notify,
        }
    }
}

/// A port as observed in a running instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServedPort {
    /// The port.
    pub port: u16,
    /// Whether something listens on it now.
    pub served: bool,
    /// For people.
    pub name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Who may reach it.
    pub visibility: Visibility,
    /// What the proxy speaks to it.
    pub protocol: Protocol,
    /// What to do when it starts to be served.
    pub on_open: OnOpen,
}

impl ServedPort {
    /// A served port as `spec` has it.
    pub fn new(port: u16, served: bool, spec: &PortSpec) -> Self {
        Self {
            port,
            served,
            name: spec.name.clone(),
            description: spec.description.clone(),
            visibility: spec.visibility,
            protocol: spec.protocol,
            on_open: spec.on_open,
        }
    }
}
