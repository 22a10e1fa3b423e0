use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use gitpod_core::{Error, ErrorKind, Result};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::supervisor::environment::{self, expand};

const DESKTOP_PORT: u16 = 24000;

/// The file `supervisor-ide-config.json` that every editor package brings.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EditorConfig {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) display_name: String,
    #[serde(default)]
    pub(crate) version: String,
    /// The program, absolute.
    pub(crate) entrypoint: String,
    #[serde(default)]
    pub(crate) entrypoint_args: Vec<String>,
    /// Added to the environment, in this order; values may name earlier ones.
    #[serde(default, deserialize_with = "in_order")]
    pub(crate) env: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) readiness_probe: ReadinessProbe,
    /// How much of its output is passed on, in kilobytes a second; 0: all that one may write.
    #[serde(default)]
    pub(crate) log_rate_limit: u64,
}

/// How to see that the editor is ready.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ReadinessProbe {
    /// `http`; empty: it is ready as soon as it was started.
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) http: HttpProbe,
}

/// A request that a ready editor answers with a success.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HttpProbe {
    pub(crate) schema: String,
    pub(crate) host: String,
    /// 0: the editor's own.
    pub(crate) port: u16,
    pub(crate) path: String,
}

impl EditorConfig {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// `NotFound`: there is no such file. `ConfigInvalid`: it is not what it must be.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).map_err(|source| {
            Error::new(
                ErrorKind::NotFound,
                "cannot read the editor's configuration",
            )
            .with_context("path", path.display())
            .with_source(source)
        })?;
        let invalid = |why: &str| {
            Error::new(
                ErrorKind::ConfigInvalid,
                format!("cannot use the editor's configuration: {why}"),
            )
            .with_context("path", path.display())
        };
        let config: Self = serde_json::from_slice(&text)
            .map_err(|source| invalid("it is not the expected JSON").with_source(source))?;
        if !config.entrypoint.starts_with('/') {
            return Err(invalid("its entrypoint is no absolute path"));
        }
        match (
            config.readiness_probe.kind.as_str(),
            config.readiness_probe.http.schema.as_str(),
        ) {
            ("", _) | ("http", "" | "http") => Ok(config),
            ("http", _) => Err(invalid(
                "its readiness probe wants another scheme than http",
            )),
            _ => Err(invalid("its readiness probe is of an unknown type")),
        }
    }

    /// For people.
    pub(crate) fn label(&self) -> &str {
        if self.display_name.is_empty() {
            &self.name
        } else {
            &self.display_name
        }
    }

    /// Its command line.
    pub(crate) fn argv(&self, port: u16, folder: &Path) -> Vec<String> {
        let fill = |argument: &String| {
            argument
                .replace("{IDEPORT}", &port.to_string())
                .replace("{DESKTOPIDEPORT}", &DESKTOP_PORT.to_string())
                .replace("{WORKSPACE_FOLDER}", &folder.to_string_lossy())
        };
        let mut argv = vec![self.entrypoint.clone()];
        argv.extend(self.entrypoint_args.iter().map(fill));
        argv
    }

    /// Its environment.
    pub(crate) fn environment(&self, base: &[(String, String)]) -> Vec<(String, String)> {
        let mut env = base.to_vec();
        for (key, value) in &self.env {
            let value = expand(value, &env);
            environment::extend(&mut env, [(key, &value)]);
        }
        env
    }
}

/// A map whose order means something.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    struct InOrder(PhantomData<()>);

    impl<'de> Visitor<'de> for InOrder {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of strings")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }

    deserializer.deserialize_any(InOrder(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<EditorConfig> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), json).unwrap();
        EditorConfig::read(file.path())
    }

    #[test]
    fn arguments_and_environment_are_filled_in() {
        let config = read(
            r#"{"entrypoint": "/ide/run", "entrypointArgs": ["--port={IDEPORT}", "{WORKSPACE_FOLDER}"],
                "env": {"Z": "1", "A": "$Z$Z:${PATH}"}, "readinessProbe": {"type": "http", "http": {"path": "/ok"}}}"#,
        )
        .unwrap();
        assert_eq!(
            config.argv(7, Path::new("/workspace/a b")),
            ["/ide/run", "--port=7", "/workspace/a b"]
        );
        let env = config.environment(&[(String::from("PATH"), String::from("/bin"))]);
        assert!(
            env.contains(&(String::from("A"), String::from("11:/bin"))),
            "{env:?}"
        );
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for json in [
            "{",
            "{}",
            r#"{"entrypoint": "run"}"#,
            r#"{"entrypoint": "/run", "readinessProbe": {"type": "carrier pigeon"}}"#,
        ] {
            assert_eq!(
                read(json).unwrap_err().kind(),
                ErrorKind::ConfigInvalid,
                "{json}"
            );
        }
    }
}
