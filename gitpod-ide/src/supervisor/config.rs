//! What the supervisor is told, by environment variables alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gitpod_core::port::PortSpec;
use gitpod_core::task::TaskSpec;
use gitpod_core::{Error, Result};
use serde::de::DeserializeOwned;

/// The environment variables that steer the supervisor, each with what it means.
///
/// Those that begin with `SUPERVISOR_` are for tests and unusual images; what runs in the workspace does not get them.
pub const CONFIGURATION: [(&str, &str); 23] = [
    ("GITPOD_WORKSPACE_ID", "id of the workspace"),
    ("GITPOD_INSTANCE_ID", "id of this run of it"),
    ("GITPOD_OWNER_ID", "whose it is"),
    ("GITPOD_HOST", "address of the platform"),
    ("GITPOD_WORKSPACE_URL", "address of the workspace"),
    ("GITPOD_WORKSPACE_CONTEXT_URL", "where its files came from"),
    ("GITPOD_WORKSPACE_CLASS", "its class"),
    ("GITPOD_REPO_ROOT", "directory of the main repository"),
    (
        "THEIA_WORKSPACE_ROOT",
        "what the editor opens; default: the main repository",
    ),
    ("GITPOD_IDE_ALIAS", "id of the editor"),
    ("GITPOD_TASKS", "JSON array of tasks"),
    ("GITPOD_PORTS", "JSON array of configured ports"),
    (
        "GITPOD_GIT_USER_NAME",
        "name in the user's git configuration",
    ),
    ("GITPOD_GIT_USER_EMAIL", "e-mail address in it"),
    (
        "GITPOD_TERMINATION_GRACE_PERIOD_SECONDS",
        "time to end everything at stop; default 15",
    ),
    ("SUPERVISOR_API_PORT", "default 22999"),
    ("SUPERVISOR_IDE_PORT", "default 23000"),
    (
        "SUPERVISOR_IDE_CONFIG",
        "default /ide/supervisor-ide-config.json",
    ),
    (
        "SUPERVISOR_IDE_READY_TIMEOUT_SECONDS",
        "when to call an editor that does not answer failed; default 120",
    ),
    (
        "SUPERVISOR_USER_HOME",
        "home of the user if the image has none; default /home/gitpod",
    ),
    (
        "SUPERVISOR_ETC",
        "directory of passwd and group; default /etc",
    ),
    (
        "SUPERVISOR_RUN_DIR",
        "for files of this run; default /run/gitpod",
    ),
    (
        "SUPERVISOR_LOGS_DIR",
        "where the last output of tasks is kept; default /workspace/.gitpod",
    ),
];

const MAX_TASKS: usize = 64;

/// Everything the supervisor is told.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) workspace_id: String,
    pub(crate) instance_id: String,
    pub(crate) owner_id: String,
    pub(crate) host: String,
    pub(crate) workspace_url: String,
    pub(crate) context_url: String,
    pub(crate) class: String,
    pub(crate) repo_root: PathBuf,
    pub(crate) workspace_location: PathBuf,
    pub(crate) ide_alias: String,
    pub(crate) tasks: Vec<TaskSpec>,
    pub(crate) ports: Vec<PortSpec>,
    pub(crate) git_user_name: Option<String>,
    pub(crate) git_user_email: Option<String>,
    pub(crate) grace: Duration,
    pub(crate) api_port: u16,
    pub(crate) ide_port: u16,
    pub(crate) ide_file: PathBuf,
    pub(crate) ide_ready_timeout: Duration,
    pub(crate) user_home: PathBuf,
    pub(crate) etc: PathBuf,
    pub(crate) run_dir: PathBuf,
    pub(crate) logs_dir: PathBuf,
    /// The environment all this came from.
    pub(crate) env: Vec<(String, String)>,
}

impl Config {
    /// Reads it from `env`.
    ///
    /// # Errors
    /// `ConfigInvalid`: a value that is not what it must be; the message names the variable.
    pub(crate) fn from_env(env: Vec<(String, String)>) -> Result<Self> {
        let source = Source(&env);
        let repo_root = source.path("GITPOD_REPO_ROOT", "/workspace");
        let mut tasks: Vec<TaskSpec> = source.json("GITPOD_TASKS")?;
        tasks.truncate(MAX_TASKS);
        Ok(Self {
            workspace_id: source.text("GITPOD_WORKSPACE_ID"),
            instance_id: source.text("GITPOD_INSTANCE_ID"),
            owner_id: source.text("GITPOD_OWNER_ID"),
            host: source.text("GITPOD_HOST"),
            workspace_url: source.text("GITPOD_WORKSPACE_URL"),
            context_url: source.text("GITPOD_WORKSPACE_CONTEXT_URL"),
            class: source.text("GITPOD_WORKSPACE_CLASS"),
            workspace_location: source
                .get("THEIA_WORKSPACE_ROOT")
                .map_or_else(|| repo_root.clone(), PathBuf::from),
            repo_root,
            ide_alias: source.text("GITPOD_IDE_ALIAS"),
            tasks,
            ports: source.json("GITPOD_PORTS")?,
            git_user_name: source.get("GITPOD_GIT_USER_NAME").map(str::to_owned),
            git_user_email: source.get("GITPOD_GIT_USER_EMAIL").map(str::to_owned),
            grace: source.seconds("GITPOD_TERMINATION_GRACE_PERIOD_SECONDS", 15)?,
            api_port: source.number("SUPERVISOR_API_PORT", 22999)?,
            ide_port: source.number("SUPERVISOR_IDE_PORT", 23000)?,
            ide_file: source.path("SUPERVISOR_IDE_CONFIG", "/ide/supervisor-ide-config.json"),
            ide_ready_timeout: source.seconds("SUPERVISOR_IDE_READY_TIMEOUT_SECONDS", 120)?,
            user_home: source.path("SUPERVISOR_USER_HOME", "/home/gitpod"),
            etc: source.path("SUPERVISOR_ETC", "/etc"),
            run_dir: source.path("SUPERVISOR_RUN_DIR", "/run/gitpod"),
            logs_dir: source.path("SUPERVISOR_LOGS_DIR", "/workspace/.gitpod"),
            env,
        })
    }
}

/// The first shell of the image: bash where there is one.
pub(crate) fn default_shell() -> PathBuf {
    ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]
        .iter()
        .map(Path::new)
        .find(|path| path.exists())
        .unwrap_or_else(|| Path::new("/bin/sh"))
        .to_path_buf()
}

struct Source<'a>(&'a [(String, String)]);

impl<'a> Source<'a> {
    /// Empty counts as missing; of several (an image's and the platform's) the last counts.
    fn get(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().rev().find(|(key, _)| key == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    fn path(&self, name: &str, default: &str) -> PathBuf {
        PathBuf::from(self.get(name).unwrap_or(default))
    }

    fn number<N: std::str::FromStr>(&self, name: &'static str, default: N) -> Result<N> {
        self.get(name).map_or(Ok(default), |text| {
            text.parse()
                .map_err(|_| invalid(name, "it is no number in range"))
        })
    }

    fn seconds(&self, name: &'static str, default: u32) -> Result<Duration> {
        Ok(Duration::from_secs(u64::from(self.number(name, default)?)))
    }

    fn json<T: DeserializeOwned + Default>(&self, name: &'static str) -> Result<T> {
        self.get(name).map_or(Ok(T::default()), |text| {
            serde_json::from_str(text)
                .map_err(|error| invalid(name, "it is not the expected JSON").with_source(error))
        })
    }
}

fn invalid(name: &'static str, why: &str) -> Error {
    Error::new(
        gitpod_core::ErrorKind::ConfigInvalid,
        format!("cannot read the environment variable {name}: {why}"),
    )
    .with_hint("the platform sets this variable; start the workspace again, and report a bug if that does not help")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Config::from_env(pairs.iter().map(owned).collect())
    }

    #[test]
    fn the_editor_opens_the_repository_by_default() {
        let config = read(&[("GITPOD_REPO_ROOT", "/workspace/app")]).unwrap();
        assert_eq!(config.workspace_location, Path::new("/workspace/app"));
        assert_eq!((config.api_port, config.ide_port), (22999, 23000));
    }

    #[test]
    fn a_malformed_value_is_named() {
        let error = read(&[("GITPOD_TASKS", "[{]")]).unwrap_err();
        assert!(error.to_string().contains("GITPOD_TASKS"), "{error}");
        let error = read(&[("SUPERVISOR_API_PORT", "70000")]).unwrap_err();
        assert!(error.to_string().contains("SUPERVISOR_API_PORT"), "{error}");
    }
}
