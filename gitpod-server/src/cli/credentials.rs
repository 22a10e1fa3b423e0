//! What `gitpod login` keeps: tokens by server, in a file for its owner alone.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use super::failure::Failure;

/// The file, read or about to be written.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    path: Option<PathBuf>,
    content: Content,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Content {
    /// The server of the last login.
    host: Option<String>,
    /// Tokens by server.
    tokens: BTreeMap<String, String>,
}

impl Credentials {
    /// Reads the file; one that is not there is empty.
    pub(super) fn load() -> Result<Self, Failure> {
        Self::load_from(path(|name| std::env::var_os(name)))
    }

    fn load_from(path: Option<PathBuf>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let content = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|e| {
                Failure::failed(format!("{} is damaged: {e}", path.display()))
                    .with_hint("remove it and `gitpod login` again")
            })?,
            Err(e) if e.kind() == ErrorKind::NotFound => Content::default(),
            Err(e) => return Err(Failure::io(&format!("cannot read {}", path.display()), &e)),
        };
        Ok(Self {
            path: Some(path),
            content,
        })
    }

    /// The server of the last login.
    pub(super) fn host(&self) -> Option<&str> {
        self.content.host.as_deref()
    }

    /// The token for a server.
    pub(super) fn token(&self, host: &Url) -> Option<&str> {
        self.content.tokens.get(host.as_str()).map(String::as_str)
    }

    /// Keeps a token, and the server as the one to talk to.
    pub(super) fn remember(&mut self, host: &Url, token: &str) -> Result<(), Failure> {
        self.content.host = Some(host.to_string());
        self.content
            .tokens
            .insert(host.to_string(), token.to_owned());
        self.save()
    }

    /// Forgets the token for a server; says whether there was one.
    pub(super) fn forget(&mut self, host: &Url) -> Result<bool, Failure> {
        let known = self.content.tokens.remove(host.as_str()).is_some();
        if known {
            self.save()?;
        }
        Ok(known)
    }

    fn save(&self) -> Result<(), Failure> {
        let Some(path) = &self.path else {
            return Err(
                Failure::failed("there is no home directory to keep the token in")
                    .with_hint("set HOME, or use GITPOD_TOKEN"),
            );
        };
        let failed = |e| Failure::io(&format!("cannot write {}", path.display()), &e);
        let text = serde_json::to_string_pretty(&self.content)
            .map_err(|e| Failure::failed(format!("cannot write the token: {e}")))?;
        if let Some(dir) = path.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(dir)
                .map_err(failed)?;
        }
        // Whole or not at all, and never readable by others, not even for a moment.
        let draft = path.with_extension(format!("{}", std::process::id()));
        let written = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .and_then(|mut file| writeln!(file, "{text}"))
            .and_then(|()| fs::rename(&draft, path));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written.map_err(failed)
    }
}

/// `$XDG_CONFIG_HOME/gitpod/credentials.json`, else below `$HOME/.config`.
fn path(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let config = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(config.join("gitpod").join("credentials.json"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_token_is_kept_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("gitpod/credentials.json");
        let host = Url::parse("http://localhost:8080").unwrap();
        let mut credentials = Credentials::load_from(Some(file.clone())).unwrap();
        credentials.remember(&host, "one").unwrap();
        credentials.remember(&host, "two").unwrap();
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut again = Credentials::load_from(Some(file.clone())).unwrap();
        assert_eq!(again.token(&host), Some("two"));
        assert_eq!(again.host(), Some(host.as_str()));
        assert!(again.forget(&host).unwrap());
        assert!(!again.forget(&host).unwrap());
        fs::write(&file, "{").unwrap();
        assert!(Credentials::load_from(Some(file)).is_err());
    }

    #[test]
    fn the_place_follows_the_environment() {
        let home = |name: &str| (name == "HOME").then(|| OsString::from("/h"));
        let expected = PathBuf::from("/h/.config/gitpod/credentials.json");
        assert_eq!(path(home), Some(expected));
        assert_eq!(path(|_| None), None);
    }
}
