//! The JSON documents of an image, as far as they matter here.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `org.opencontainers.image.ref.name`: what a layout calls a manifest.
const NAME: &str = "org.opencontainers.image.ref.name";

/// Where a blob is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
    pub(super) platform: Option<Platform>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// The name that the layout gives it.
    pub(super) fn name(&self) -> Option<&str> {
        self.annotations.get(NAME).map(String::as_str)
    }

    pub(super) fn is_index(&self) -> bool {
        matches!(
            self.media_type.as_str(),
            "application/vnd.oci.image.index.v1+json"
                | "application/vnd.docker.distribution.manifest.list.v2+json"
        )
    }

    pub(super) fn is_manifest(&self) -> bool {
        matches!(
            self.media_type.as_str(),
            "application/vnd.oci.image.manifest.v1+json"
                | "application/vnd.docker.distribution.manifest.v2+json"
        )
    }
}

/// For which machines a manifest is.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Platform {
    pub(super) os: String,
    pub(super) architecture: String,
}

impl Platform {
    /// Whether this machine is such a one.
    pub(super) fn is_here(&self) -> bool {
        self.os == "linux" && self.architecture == here()
    }
}

/// This machine's architecture, as images name it.
pub(super) fn here() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// A list of manifests: `index.json`, or one manifest per platform.
#[derive(Debug, Deserialize)]
pub(super) struct Index {
    #[serde(default)]
    pub(super) manifests: Vec<Descriptor>,
}

/// One image.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

/// What the image says about itself.
#[derive(Debug, Deserialize)]
pub(super) struct ImageConfig {
    pub(super) architecture: Option<String>,
    pub(super) rootfs: ConfigRootFs,
    #[serde(default)]
    pub(super) config: Option<RunConfig>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ConfigRootFs {
    pub(super) diff_ids: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct RunConfig {
    #[serde(rename = "Env", default)]
    env: Option<Vec<String>>,
}

impl ImageConfig {
    /// `Env`, in order; what has no `=` is not a variable.
    pub(super) fn env(&self) -> Vec<(String, String)> {
        let env = self.config.as_ref().and_then(|config| config.env.as_ref());
        env.into_iter()
            .flatten()
            .filter_map(|entry| entry.split_once('='))
            .filter(|(name, value)| !name.is_empty() && !value.contains('\0'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}
