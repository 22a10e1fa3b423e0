use serde::{Serialize, Serializer};

use crate::gitpod_yml::check::Check;
use crate::gitpod_yml::yaml::{Node, Value};
use crate::port::{OnOpen, Protocol, Visibility};

const ON_OPEN: [(&str, OnOpen); 5] = [
    ("notify", OnOpen::Notify),
    ("open-browser", OnOpen::OpenBrowser),
    ("open-preview", OnOpen::OpenPreview),
    ("ignore", OnOpen::Ignore),
    ("ignore-completely", OnOpen::IgnoreCompletely),
];
const VISIBILITY: [(&str, Visibility); 2] = [
    ("private", Visibility::Private),
    ("public", Visibility::Public),
];
const PROTOCOL: [(&str, Protocol); 2] = [("http", Protocol::Http), ("https", Protocol::Https)];

/// A port, or a range of them, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortRange {
    /// First port.
    pub start: u16,
    /// Last port; equals `start` for a single one.
    pub end: u16,
}

impl Serialize for PortRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.start == self.end {
            serializer.serialize_u16(self.start)
        } else {
            serializer.collect_str(&format_args!("{}-{}", self.start, self.end))
        }
    }
}

/// What to do with a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Port {
    /// Which.
    pub port: PortRange,
    /// What happens when it is first served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_open: Option<OnOpen>,
    /// Who may reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What is spoken there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
}

pub(super) fn read_all(check: &mut Check<'_>, node: &Node) -> Vec<Port> {
    let items = node.items().iter().enumerate();
    items
        .filter_map(|(index, item)| read(check, index, item))
        .collect()
}

fn read(check: &mut Check<'_>, index: usize, node: &Node) -> Option<Port> {
    Some(Port {
        port: range(check, index, node.get("port")?)?,
        on_open: node.choice_of("onOpen", &ON_OPEN),
        visibility: node.choice_of("visibility", &VISIBILITY),
        name: node.text_of("name"),
        description: node.text_of("description"),
        protocol: node.choice_of("protocol", &PROTOCOL),
    })
}

fn range(check: &mut Check<'_>, index: usize, node: &Node) -> Option<PortRange> {
    let single = |number: Option<u16>| number.map(|port| (port, port));
    let range = match &node.value {
        Value::Integer(number) => single(u16::try_from(*number).ok()),
        Value::Float(_) => None,
        Value::Text(text) => match text.split_once(['-', ':']) {
            None if text.bytes().all(|b| b.is_ascii_digit()) => single(text.parse().ok()),
            None => return None,
            Some((start, end)) => (start.parse().ok())
                .zip(end.parse().ok())
                .filter(|(start, end): &(u16, u16)| start < end),
        },
        _ => return None,
    };
    let range = range.filter(|(start, _)| *start > 0);
    if range.is_none() {
        let message = format!(
            "ports[{index}].port is not between 1 and 65535, or its first number is not below its last; it is ignored"
        );
        check.warn(node.at, node.shown(), message);
    }
    range.map(|(start, end)| PortRange { start, end })
}
