use serde::{Serialize, Serializer};

use crate::devcontainer::check::{Check, Field};
use crate::devcontainer::tree::Value;

/// What the machine must have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HostRequirements {
    /// Processor cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u32>,
    /// Memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Size>,
    /// Storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Size>,
    /// Graphics processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<Gpu>,
}

/// An amount of bytes as it is written: `8gb`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Size {
    /// As written.
    pub text: String,
    /// In bytes.
    pub bytes: u64,
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Whether a graphics processor is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Gpu {
    /// Whether it is.
    Needed(bool),
    /// `optional`: it is used if there is one.
    Optional(&'static str),
    /// It is, with at least so much.
    AtLeast {
        /// Cores.
        #[serde(skip_serializing_if = "Option::is_none")]
        cores: Option<u32>,
        /// Memory.
        #[serde(skip_serializing_if = "Option::is_none")]
        memory: Option<Size>,
    },
}

impl HostRequirements {
    pub(super) fn read(check: &mut Check, field: &Field<'_>) -> Option<Self> {
        let keys = check.object(field, &["cpus", "memory", "storage", "gpu"])?;
        Some(Self {
            cpus: count(check, keys.get("cpus")),
            memory: size(check, keys.get("memory")),
            storage: size(check, keys.get("storage")),
            gpu: keys.get("gpu").and_then(|field| gpu(check, &field)),
        })
    }
}

fn gpu(check: &mut Check, field: &Field<'_>) -> Option<Gpu> {
    match &field.node.value {
        Value::Bool(needed) => Some(Gpu::Needed(*needed)),
        Value::Text(_) => check
            .choice(Some(field.clone()), &[("optional", "optional")])
            .map(Gpu::Optional),
        Value::Object(_) => {
            let keys = check.object(field, &["cores", "memory"])?;
            Some(Gpu::AtLeast {
                cores: count(check, keys.get("cores")),
                memory: size(check, keys.get("memory")),
            })
        }
        _ => {
            check.wrong_kind(field, "true, false, \"optional\" or an object");
            None
        }
    }
}

fn count(check: &mut Check, field: Option<Field<'_>>) -> Option<u32> {
    let field = field?;
    let raw = match &field.node.value {
        Value::Number(raw) => raw,
        Value::Text(text) if text.parse::<u32>().is_ok() => {
            let message = format!("{} must be a number; leave the quotes out", field.path);
            check.lapse(field.node.at, text, message);
            text
        }
        _ => {
            check.wrong_kind(&field, "a number");
            return None;
        }
    };
    let count = raw.parse().ok().filter(|count: &u32| *count > 0);
    if count.is_none() {
        let message = format!("{} must be a whole number, 1 or more", field.path);
        check.error(field.node.at, raw, message);
    }
    count
}

fn size(check: &mut Check, field: Option<Field<'_>>) -> Option<Size> {
    let field = field?;
    if let Value::Number(raw) = &field.node.value
        && let Some(bytes) = bytes(raw)
    {
        let message = format!("{} must be a text such as \"8gb\"", field.path);
        check.lapse(field.node.at, raw, message);
        let text = raw.clone();
        return Some(Size { text, bytes });
    }
    let text = check.text(Some(field.clone()))?;
    let bytes = bytes(&text);
    if bytes.is_none() {
        let message = format!("{} must be a size such as 8gb, 512mb or 1tb", field.path);
        check.error(field.node.at, &text, message);
    }
    Some(Size {
        bytes: bytes?,
        text,
    })
}

/// `8gb`, `512mb`, `100`; units count in powers of 1024.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "kb" | "k" => 10,
        "mb" | "m" => 20,
        "gb" | "g" => 30,
        "tb" | "t" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_have_units() {
        for (text, expected) in [
            ("8gb", Some(8 << 30)),
            ("512MB", Some(512 << 20)),
            ("1tb", Some(1 << 40)),
            ("4kb", Some(4096)),
            ("100", Some(100)),
            ("7b", Some(7)),
            ("gb", None),
            ("-1gb", None),
            ("1.5gb", None),
            ("1pb", None),
            ("99999999999999999tb", None),
            ("", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
