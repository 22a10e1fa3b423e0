//! What may stand before the address: one of a few prefixes.

use std::fmt;
use std::str::FromStr;

use super::encoding::decode;
use crate::environment::may_be_set_by_address;
use crate::{Error, PrebuildId, Result};

/// Prefixes whose meaning never came back.
const UNSUPPORTED: [(&str, &str); 3] = [
    ("prebuild/", "starting a prebuild by its address"),
    (
        "incremental-prebuild/",
        "starting a prebuild by its address",
    ),
    ("additionalcontent/", "additional content in an address"),
];

/// Where a link came from; it may choose the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Referrer {
    /// Such as `jetbrains-gateway`.
    pub name: String,
    /// Such as `goland`.
    pub editor: Option<String>,
}

/// The prefix that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) env: Vec<(String, String)>,
    pub(super) referrer: Option<Referrer>,
    pub(super) build_image: bool,
    pub(super) prebuild: Option<PrebuildId>,
    pub(super) warnings: Vec<String>,
}

/// Takes one prefix off `text`; what follows is returned with it.
///
/// # Errors
/// A prefix whose meaning is not supported.
pub(super) fn take(text: &str) -> Result<(Prefix, &str)> {
    if let Some(rest) = text.strip_prefix("imagebuild/") {
        let prefix = Prefix {
            build_image: true,
            ..Prefix::default()
        };
        return Ok((prefix, rest));
    }
    if let Some(rest) = text.strip_prefix("open-prebuild/") {
        let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = Prefix {
            prebuild: Some(id_of(id)?),
            ..Prefix::default()
        };
        return Ok((prefix, rest));
    }
    if let Some((prefix, what)) = UNSUPPORTED.iter().find(|(p, _)| text.starts_with(p)) {
        return Err(Error::unsupported(format!("{what} is not supported"))
            .with_context("prefix", prefix)
            .with_hint("leave the prefix out and open the repository itself"));
    }
    let Some((first, rest)) = text.split_once('/') else {
        return Ok((Prefix::default(), text));
    };
    if let Some(referrer) = first.strip_prefix("referrer:") {
        let (name, editor) = match referrer.split_once(':') {
            Some((name, editor)) => (name, Some(editor.to_owned())),
            None => (referrer, None),
        };
        let prefix = Prefix {
            referrer: Some(Referrer {
                name: name.to_owned(),
                editor,
            }),
            ..Prefix::default()
        };
        return Ok((prefix, rest));
    }
    Ok(match env(first) {
        Some(prefix) => (prefix, rest),
        None => (Prefix::default(), text),
    })
}

/// `KEY=value,KEY2=value2`; `None` when the text has another form.
fn env(text: &str) -> Option<Prefix> {
    let mut prefix = Prefix::default();
    for pair in text.split(',') {
        let (key, value) = pair.split_once('=')?;
        let is_key = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if key.is_empty() || !key.bytes().all(is_key) {
            return None;
        }
        match refusal(key, value) {
            None => prefix.env.push((key.to_owned(), decode(value)?)),
            Some(why) => prefix
                .warnings
                .push(format!("variable {key} of the address is ignored: {why}")),
        }
    }
    Some(prefix)
}

fn refusal(key: &str, value: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.?=".contains(c);
    if !may_be_set_by_address(key) {
        Some("an address may not set it")
    } else if key.contains('-') || key.starts_with(|c: char| c.is_ascii_digit()) {
        Some("it is not a name of an environment variable")
    } else if !decode(value).is_some_and(|value| value.chars().all(is_plain)) {
        Some("its value holds other characters than letters, digits and _ - . ? =")
    } else {
        None
    }
}

/// The id that a prefix names.
pub(super) fn id_of<T: FromStr<Err = Error>>(text: &str) -> Result<T> {
    text.parse().map_err(|error: Error| {
        error
            .with_context("id", text.escape_debug().take(80).collect::<String>())
            .with_hint("copy the whole link again; the id in it is not complete")
    })
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.build_image {
            f.write_str("imagebuild/")?;
        }
        if let Some(id) = &self.prebuild {
            write!(f, "open-prebuild/{id}/")?;
        }
        if let Some(Referrer { name, editor }) = &self.referrer {
            write!(f, "referrer:{name}")?;
            if let Some(editor) = editor {
                write!(f, ":{editor}")?;
            }
            f.write_str("/")?;
        }
        for (index, (key, value)) in self.env.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{key}={value}")?;
        }
        if self.env.is_empty() {
            Ok(())
        } else {
            f.write_str("/")
        }
    }
}
