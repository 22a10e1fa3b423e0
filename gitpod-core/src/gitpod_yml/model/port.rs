use serde::{Serialize, Serializer};

use crate::gitpod_yml::check::{Check, Field};
use crate::gitpod_yml::node::Value;
use crate::port::{OnOpen, Protocol, Visibility};

const KEYS: [&str; 6] = [
    "port",
    "onOpen",
    "visibility",
    "name",
    "description",
    "protocol",
];
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

pub(super) fn read_all(check: &mut Check, field: Option<Field<'_>>) -> Vec<Port> {
    let items = check.list(field);
    items.iter().filter_map(|item| read(check, item)).collect()
}

fn read(check: &mut Check, field: &Field<'_>) -> Option<Port> {
    let keys = check.mapping(field, &KEYS)?;
    let on_open = check.choice(keys.get("onOpen"), &ON_OPEN);
    let visibility = check.choice(keys.get("visibility"), &VISIBILITY);
    let name = check.text(keys.get("name"));
    let description = check.text(keys.get("description"));
    let protocol = check.choice(keys.get("protocol"), &PROTOCOL);
    let Some(port) = keys.get("port") else {
        check.missing(field, "port");
        return None;
    };
    Some(Port {
        port: range(check, &port)?,
        on_open,
        visibility,
        name,
        description,
        protocol,
    })
}

fn range(check: &mut Check, field: &Field<'_>) -> Option<PortRange> {
    let Field { path, node, .. } = field;
    let single = |number: Option<u16>| {
        number.filter(|port| *port > 0).map(|port| PortRange {
            start: port,
            end: port,
        })
    };
    let range = match &node.value {
        Value::Integer(number) => single(u16::try_from(*number).ok()),
        Value::Float(_) => None,
        Value::Text(text) => {
            let is_number =
                |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let ends = text.split_once(['-', ':']);
            let Some((start, end)) = ends.filter(|(a, b)| is_number(a) && is_number(b)) else {
                let quoted = is_number(text);
                let message = if quoted {
                    format!("{path} must be a number, this is a text; leave the quotes out")
                } else {
                    format!("{path} must be a number such as 3000 or a range such as 3000-3999")
                };
                if quoted {
                    check.lapse(node.at, &node.raw, message);
                    return single(text.parse().ok());
                }
                check.error(node.at, &node.raw, message);
                return None;
            };
            let ends = (start.parse().ok(), end.parse().ok());
            let (Some(start), Some(end)) = ends else {
                return out_of_range(check, field);
            };
            (0 < start && start < end).then_some(PortRange { start, end })
        }
        _ => {
            check.wrong_kind(field, "a number such as 3000 or a range such as 3000-3999");
            return None;
        }
    };
    range.or_else(|| out_of_range(check, field))
}

fn out_of_range(check: &mut Check, field: &Field<'_>) -> Option<PortRange> {
    let message = format!(
        "{} is not between 1 and 65535, or its first number is not below its last; it is ignored",
        field.path
    );
    check.warn(field.node.at, &field.node.raw, message);
    None
}
