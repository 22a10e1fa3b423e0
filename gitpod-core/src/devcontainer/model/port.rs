use serde::Serialize;

use super::entries::OneOrMany;
use crate::devcontainer::check::{Check, Field};
use crate::devcontainer::tree::Value;

const KEYS: [&str; 5] = [
    "onAutoForward",
    "label",
    "protocol",
    "requireLocalPort",
    "elevateIfNeeded",
];
const ON_AUTO_FORWARD: [(&str, AutoForward); 6] = [
    ("notify", AutoForward::Notify),
    ("openBrowser", AutoForward::OpenBrowser),
    ("openBrowserOnce", AutoForward::OpenBrowserOnce),
    ("openPreview", AutoForward::OpenPreview),
    ("silent", AutoForward::Silent),
    ("ignore", AutoForward::Ignore),
];

/// A port to forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ForwardPort {
    /// A port of the container.
    Number(u16),
    /// A port of a host that the container reaches: `db:5432`.
    Address(String),
}

/// A port to publish: `3000`, or as on a container's command line (`8080:80`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PublishedPort {
    /// A port of the container.
    Number(u16),
    /// `[address:]host port:container port`.
    Mapping(String),
}

/// What happens when a port is first served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AutoForward {
    /// The user is told.
    Notify,
    /// A browser tab opens.
    OpenBrowser,
    /// A browser tab opens the first time.
    OpenBrowserOnce,
    /// The editor's preview opens.
    OpenPreview,
    /// It is forwarded without a word.
    Silent,
    /// It is not forwarded.
    Ignore,
}

/// What is known of a port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PortAttributes {
    /// What happens when it is first served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_auto_forward: Option<AutoForward>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `http` or `https`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<&'static str>,
    /// Whether it must have the same number on the user's machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_local_port: Option<bool>,
    /// Whether the user's machine shall grant rights for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elevate_if_needed: Option<bool>,
}

impl PortAttributes {
    pub(super) fn read(check: &mut Check, field: &Field<'_>) -> Option<Self> {
        let keys = check.object(field, &KEYS)?;
        let protocols = [("http", "http"), ("https", "https")];
        Some(Self {
            on_auto_forward: check.choice(keys.get("onAutoForward"), &ON_AUTO_FORWARD),
            label: check.text(keys.get("label")),
            protocol: check.choice(keys.get("protocol"), &protocols),
            require_local_port: check.boolean(keys.get("requireLocalPort")),
            elevate_if_needed: check.boolean(keys.get("elevateIfNeeded")),
        })
    }
}

pub(super) fn attributes(
    check: &mut Check,
    field: Option<Field<'_>>,
) -> Vec<(String, PortAttributes)> {
    let Some(object) = field.and_then(|field| check.open_object(&field)) else {
        return Vec::new();
    };
    let entries = object.iter();
    entries
        .filter_map(|(key, field)| Some((key.to_owned(), PortAttributes::read(check, &field)?)))
        .collect()
}

pub(super) fn forwarded(check: &mut Check, field: Option<Field<'_>>) -> Vec<ForwardPort> {
    let items = check.list(field);
    let port = |field: Field<'_>| match &field.node.value {
        Value::Text(text) if text.parse::<u16>().is_ok_and(|port| port > 0) => {
            let message = format!("{} must be a number; leave the quotes out", field.path);
            check.lapse(field.node.at, text, message);
            text.parse().ok().map(ForwardPort::Number)
        }
        Value::Text(text) if is_address(text) => Some(ForwardPort::Address(text.clone())),
        Value::Text(text) => {
            let message = format!("{} must be a port such as 3000 or \"db:5432\"", field.path);
            check.error(field.node.at, text, message);
            None
        }
        _ => number(check, &field).map(ForwardPort::Number),
    };
    items.into_iter().filter_map(port).collect()
}

pub(super) fn published(
    check: &mut Check,
    field: Option<Field<'_>>,
) -> Option<OneOrMany<PublishedPort>> {
    OneOrMany::read(check, field, |check, field| match &field.node.value {
        Value::Text(text) => Some(PublishedPort::Mapping(text.clone())),
        _ => number(check, &field).map(PublishedPort::Number),
    })
}

/// `host:port`.
fn is_address(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

fn number(check: &mut Check, field: &Field<'_>) -> Option<u16> {
    let Value::Number(raw) = &field.node.value else {
        check.wrong_kind(field, "a port number");
        return None;
    };
    let port = raw.parse().ok().filter(|port: &u16| *port > 0);
    if port.is_none() {
        let message = format!("{} must be a port between 1 and 65535", field.path);
        check.error(field.node.at, raw, message);
    }
    port
}
