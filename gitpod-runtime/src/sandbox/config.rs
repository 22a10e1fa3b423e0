use std::path::PathBuf;

use gitpod_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::layers::LayerMode;

/// How the sandbox runs instances. Everything but the state directory has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SandboxConfig {
    /// Where records of instances and generated files are kept. On a file system with id-mapped mounts if it also holds
    /// content.
    pub state_dir: PathBuf,
    /// Program started as launcher; this executable if `None`. It has to call [`reexec`](super::reexec) first.
    #[serde(default)]
    pub launcher: Option<PathBuf>,
    /// First of the node's user and group ids that instances get; each gets 65536. Derived from the state directory if
    /// `None`, so that servers on one machine use different ones.
    #[serde(default)]
    pub first_id: Option<u32>,
    /// Instances (and jobs) at once, at most 512.
    #[serde(default = "default_most_instances")]
    pub most_instances: u32,
    /// Whether instances that ask for it get a way out to the network.
    #[serde(default = "default_egress")]
    pub egress: bool,
    /// IPv4 network for instances, such as `10.224.0.0/20`. Derived from the state directory if `None`.
    #[serde(default)]
    pub subnet: Option<String>,
    /// Name servers for instances; those of the node if empty.
    #[serde(default)]
    pub name_servers: Vec<String>,
    /// Networks that instances may not reach. By default the link-local one, where clouds keep their metadata services.
    #[serde(default = "default_denied_networks")]
    pub denied_networks: Vec<String>,
    /// Name of the control group above those of instances. Derived from the state directory if `None`.
    #[serde(default)]
    pub cgroup_parent: Option<String>,
    /// Further files and directories of the node's `/etc` for instances on the host's tool chain. World-readable ones only.
    #[serde(default)]
    pub extra_etc: Vec<PathBuf>,
    /// What an instance may write outside its mounts, in bytes. It is kept in memory and counts against the memory limit.
    #[serde(default = "default_root_bytes")]
    pub root_bytes: u64,
    /// Size of `/dev/shm`, in bytes. Counts against the memory limit, too.
    #[serde(default = "default_shared_memory_bytes")]
    pub shared_memory_bytes: u64,
    /// How overlays get their layers. Leave it alone, except to find out what is wrong.
    #[serde(default)]
    pub layers: LayerMode,
}

impl SandboxConfig {
    /// Defaults, with state in `state_dir`.
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self {
            state_dir: state_dir.into(),
            launcher: None,
            first_id: None,
            most_instances: default_most_instances(),
            egress: default_egress(),
            subnet: None,
            name_servers: Vec::new(),
            denied_networks: default_denied_networks(),
            cgroup_parent: None,
            extra_etc: Vec::new(),
            root_bytes: default_root_bytes(),
            shared_memory_bytes: default_shared_memory_bytes(),
            layers: LayerMode::Auto,
        }
    }
}

/// Ids of the node that an instance has.
pub(super) const IDS: u32 = 1 << 16;
/// Instances whose ids fit into a server's own block.
const MOST_INSTANCES: u32 = 512;

impl SandboxConfig {
    /// Checks what types cannot say.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |what: &'static str| Error::new(ErrorKind::ConfigInvalid, what);
        if !(1..=MOST_INSTANCES).contains(&self.most_instances) {
            return Err(refuse("`most_instances` has to be between 1 and 512"));
        }
        let first = self.first_id.unwrap_or(IDS);
        let last = self.most_instances.saturating_mul(IDS).checked_add(first);
        if first < IDS || last.is_none() {
            return Err(refuse(
                "`first_id` leaves no room for the ids of all instances, or overlaps the node's own",
            ));
        }
        let parent = self.cgroup_parent.as_deref().unwrap_or("-");
        if parent.is_empty() || parent.starts_with('.') || parent.contains(['/', '\0']) {
            return Err(refuse("`cgroup_parent` has to be one name"));
        }
        Ok(())
    }
}

const fn default_most_instances() -> u32 {
    512
}

const fn default_egress() -> bool {
    true
}

fn default_denied_networks() -> Vec<String> {
    vec![String::from("169.254.0.0/16")]
}

const fn default_root_bytes() -> u64 {
    2 << 30
}

const fn default_shared_memory_bytes() -> u64 {
    256 << 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_refused() {
        let config = SandboxConfig::new("/s");
        assert!(config.check().is_ok());
        let refused = |change: fn(&mut SandboxConfig)| {
            let mut config = SandboxConfig::new("/s");
            change(&mut config);
            config.check().is_err()
        };
        assert!(refused(|c| c.first_id = Some(1000)));
        assert!(refused(|c| c.first_id = Some(u32::MAX - 10)));
        assert!(refused(|c| c.most_instances = 0));
        assert!(refused(|c| c.cgroup_parent = Some(String::from("../up"))));
    }

    #[test]
    fn unknown_fields_are_refused() {
        let config: SandboxConfig = serde_json::from_str(r#"{"state_dir": "/s"}"#).unwrap();
        assert_eq!(config, SandboxConfig::new("/s"));
        assert!(serde_json::from_str::<SandboxConfig>(r#"{"state_dir": "/s", "x": 1}"#).is_err());
    }
}
