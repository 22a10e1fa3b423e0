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

/// What an owner chose for a port, until its instance ends: then the repository's configuration counts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PortChoice {
    /// The port.
    pub port: u16,
    /// Who may reach it; `None`: as configured.
    pub visibility: Option<Visibility>,
    /// What the proxy speaks to it; `None`: as configured.
    pub protocol: Option<Protocol>,
}

impl PortChoice {
    /// Nothing chosen yet.
    pub fn new(port: u16) -> Self {
        Self {
            port,
            visibility: None,
            protocol: None,
        }
    }
}

/// Whether a port is the platform's own (supervisor, editor, SSH, and their twins for debugging): whoever reaches it has a
/// shell, so it is never public.
pub const fn is_reserved(port: u16) -> bool {
    matches!(port, 22_998..=23_003 | 24_000..=25_003)
}

/// The ports of an instance: as it reports them, with who may reach them and how as the platform says.
///
/// # Behavior
/// The owner's choice wins over the repository's configuration, which wins over the default, private. What the instance says
/// about visibility is ignored: user code lives there. A chosen port is there even while nothing serves it. Sorted by port.
pub fn settle(
    reported: &[ServedPort],
    configured: &[PortSpec],
    chosen: &[PortChoice],
) -> Vec<ServedPort> {
    let spec = |port| spec_of(port, configured);
    let unserved = chosen
        .iter()
        .filter(|choice| reported.iter().all(|known| known.port != choice.port))
        .map(|choice| {
            let configured = spec(choice.port).cloned();
            let spec = configured.unwrap_or_else(|| PortSpec::new(choice.port));
            ServedPort::new(choice.port, false, &spec)
        });
    let mut ports: Vec<_> = reported.iter().cloned().chain(unserved).collect();
    for port in &mut ports {
        let spec = spec(port.port);
        let choice = chosen.iter().find(|choice| choice.port == port.port);
        let visibility = choice
            .and_then(|choice| choice.visibility)
            .or_else(|| spec.map(|spec| spec.visibility));
        port.visibility = match visibility {
            Some(visibility) if !is_reserved(port.port) => visibility,
            _ => Visibility::Private,
        };
        let protocol = choice
            .and_then(|choice| choice.protocol)
            .or_else(|| spec.map(|spec| spec.protocol));
        port.protocol = protocol.unwrap_or(port.protocol);
    }
    ports.sort_by_key(|port| port.port);
    ports
}

/// What is configured for a port: its own entry comes before a range's.
pub fn spec_of(port: u16, configured: &[PortSpec]) -> Option<&PortSpec> {
    let covers = |spec: &&PortSpec| (spec.start..=spec.end).contains(&port);
    let own = configured
        .iter()
        .find(|spec| spec.start == port && spec.end == port);
    own.or_else(|| configured.iter().find(covers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(port: u16, visibility: Visibility) -> ServedPort {
        let mut served = ServedPort::new(port, true, &PortSpec::new(port));
        served.visibility = visibility;
        served
    }

    #[test]
    fn the_owner_wins_over_the_repository_and_the_instance_has_no_say() {
        let mut range = PortSpec::new(3000);
        range.end = 3999;
        range.visibility = Visibility::Public;
        range.protocol = Protocol::Https;
        let reported = [3001, 3000, 8080].map(|port| served(port, Visibility::Public));
        let mut choice = PortChoice::new(3001);
        choice.visibility = Some(Visibility::Private);
        let ports = settle(&reported, &[range], &[choice]);
        let said: Vec<_> = ports
            .iter()
            .map(|p| (p.port, p.visibility, p.protocol))
            .collect();
        assert_eq!(
            said,
            [
                (3000, Visibility::Public, Protocol::Https),
                (3001, Visibility::Private, Protocol::Https),
                (8080, Visibility::Private, Protocol::Http),
            ]
        );
    }

    #[test]
    fn an_entry_of_its_own_wins_over_a_range() {
        let mut range = PortSpec::new(3000);
        range.end = 3999;
        range.visibility = Visibility::Public;
        let reported = [3001, 3002].map(|port| served(port, Visibility::Private));
        let ports = settle(&reported, &[range, PortSpec::new(3001)], &[]);
        let said: Vec<_> = ports.iter().map(|p| (p.port, p.visibility)).collect();
        assert_eq!(
            said,
            [(3001, Visibility::Private), (3002, Visibility::Public)]
        );
    }

    #[test]
    fn a_choice_outlasts_the_program_that_serves_the_port() {
        let mut choice = PortChoice::new(3000);
        choice.visibility = Some(Visibility::Public);
        choice.protocol = Some(Protocol::Https);
        let ports = settle(&[], &[], &[choice]);
        assert_eq!(
            (ports[0].port, ports[0].served, ports[0].visibility),
            (3000, false, Visibility::Public)
        );
        let ports = settle(&[served(3000, Visibility::Private)], &[], &[choice]);
        assert_eq!(ports.len(), 1);
        assert_eq!(
            (ports[0].served, ports[0].visibility, ports[0].protocol),
            (true, Visibility::Public, Protocol::Https)
        );
    }

    #[test]
    fn our_own_ports_stay_private() {
        let mut every = PortSpec::new(1);
        every.end = u16::MAX;
        every.visibility = Visibility::Public;
        let mut choice = PortChoice::new(22_999);
        choice.visibility = Some(Visibility::Public);
        let reported = [served(23_000, Visibility::Public)];
        let ports = settle(&reported, &[every], &[choice]);
        assert!(ports.iter().all(|p| p.visibility == Visibility::Private));
    }
}
