//! Images: what tools an instance sees.

use std::fmt;
use std::path::{Component, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Longest reference.
const MAX_REFERENCE: usize = 512;

/// What a repository or a person asks for as an image.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ImageRef {
    /// `host`: this machine's tool chain, read-only; never homes, secrets or state.
    Host,
    /// `oci:/path[:tag]`: an OCI layout directory on this machine.
    OciLayout {
        /// The layout directory, absolute.
        path: PathBuf,
        /// The manifest's `org.opencontainers.image.ref.name`; the only manifest when `None`.
        tag: Option<String>,
    },
    /// A reference into a registry, such as `docker.io/library/debian:12`.
    Registry(String),
}

impl FromStr for ImageRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "host" {
            return Ok(Self::Host);
        }
        if text.len() > MAX_REFERENCE {
            return Err(not_an_image("an image reference is too long", text));
        }
        if let Some(rest) = text.strip_prefix("oci:") {
            let (path, tag) = match rest.rsplit_once(':') {
                Some((path, tag)) if !tag.contains('/') => (path, Some(tag.to_owned())),
                _ => (rest, None),
            };
            let path = PathBuf::from(path);
            let plain = path
                .components()
                .all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
            if !path.is_absolute() || !plain || rest.contains(char::is_control) {
                return Err(not_an_image(
                    "an OCI layout needs an absolute path without `..`",
                    text,
                ));
            }
            return Ok(Self::OciLayout { path, tag });
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"./:@_-".contains(&b);
        if text.is_empty() || !text.bytes().all(plain) || text.starts_with(['/', '-', '.']) {
            return Err(not_an_image("not an image reference", text));
        }
        Ok(Self::Registry(text.to_owned()))
    }
}

fn not_an_image(message: &'static str, text: &str) -> Error {
    Error::invalid(message)
        .with_context("image", text)
        .with_hint(
            "use `host`, `oci:/path/of/a/layout[:tag]` or a registry reference such as `debian:12`",
        )
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("host"),
            Self::OciLayout { path, tag: None } => write!(f, "oci:{}", path.display()),
            Self::OciLayout {
                path,
                tag: Some(tag),
            } => write!(f, "oci:{}:{tag}", path.display()),
            Self::Registry(reference) => f.write_str(reference),
        }
    }
}

impl TryFrom<String> for ImageRef {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ImageRef> for String {
    fn from(image: ImageRef) -> Self {
        image.to_string()
    }
}

/// A root file system, ready to be mounted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RootFs {
    /// This machine's tool chain (`/usr`, `/bin`, `/sbin`, `/lib*`, and a generated `/etc`), read-only below a private upper.
    Host,
    /// Unpacked image layers, the top one first, each a directory with overlayfs whiteouts.
    Layers(Vec<PathBuf>),
}

/// An image that was resolved: its root file system and what its configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResolvedImage {
    /// What was asked for.
    pub reference: ImageRef,
    /// The manifest's digest (`sha256:…`); `None` for `host`, which changes with the machine.
    pub digest: Option<String>,
    /// The files.
    pub rootfs: RootFs,
    /// `Env` of the image configuration, in order.
    pub env: Vec<(String, String)>,
}

impl ResolvedImage {
    /// A resolved image without a digest and environment.
    pub fn new(reference: ImageRef, rootfs: RootFs) -> Self {
        Self {
            reference,
            digest: None,
            rootfs,
            env: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_print_as_they_parse() {
        for text in [
            "host",
            "oci:/srv/img",
            "oci:/srv/img:v1",
            "docker.io/library/debian:12",
        ] {
            assert_eq!(text.parse::<ImageRef>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "-v",
            "oci:relative",
            "oci:/a/../b",
            "oci:/a\u{7}",
            "a b",
            "$(id)",
        ] {
            assert!(bad.parse::<ImageRef>().is_err(), "{bad}");
        }
    }
}
