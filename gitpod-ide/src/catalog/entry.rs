use std::path::PathBuf;

use gitpod_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Integrity;
use super::recipe::{code, terminal};

/// One editor of the catalogue: what people see of it, and where its package comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Entry {
    /// Lowercase letters, digits and dashes, such as `code`.
    pub id: String,
    /// For people.
    pub label: String,
    /// Of the package.
    pub version: String,
    /// Where the package comes from.
    pub package: Package,
}

/// Where a package comes from. Every way ends at a hash that was pinned beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Package {
    /// Built in: VS Code in the browser, put together from npm packages by this crate.
    Code,
    /// Built in: this crate's page around xterm.js, which comes from npm.
    Terminal,
    /// A `.tar.gz` of a whole package, `supervisor-ide-config.json` at its top.
    Archive {
        /// On this machine, absolute.
        path: PathBuf,
        /// Of the archive file.
        integrity: Integrity,
    },
}

impl Entry {
    /// VS Code in the browser.
    pub fn code() -> Self {
        Self::new("code", "VS Code", code::VERSION, Package::Code)
    }

    /// The terminal editor.
    pub fn terminal() -> Self {
        Self::new("terminal", "Terminal", terminal::VERSION, Package::Terminal)
    }

    /// An editor with its package.
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        version: impl Into<String>,
        package: Package,
    ) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            version: version.into(),
            package,
        }
    }

    /// Refuses ids and versions that cannot be part of a directory's name.
    pub(crate) fn check(&self) -> Result<()> {
        let id_ok = !self.id.is_empty()
            && self.id.len() <= 64
            && self
                .id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let version_ok = !self.version.is_empty()
            && self.version.len() <= 64
            && self
                .version
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b))
            && !self.version.starts_with('.');
        if !id_ok || !version_ok {
            return Err(Error::new(ErrorKind::ConfigInvalid, "an editor's id or version is malformed")
                .with_context("id", self.id.chars().take(64).collect::<String>())
                .with_context("version", self.version.chars().take(64).collect::<String>())
                .with_hint("ids have lowercase letters, digits and dashes; versions letters, digits and `._+-`"));
        }
        match &self.package {
            Package::Archive { path, .. } if !path.is_absolute() => Err(Error::new(
                ErrorKind::ConfigInvalid,
                "an editor's archive needs an absolute path",
            )
            .with_context("id", &self.id)),
            Package::Archive { .. } | Package::Code | Package::Terminal => Ok(()),
        }
    }

    /// The name of the package's directory: changes whenever anything that goes into the package changes.
    pub(crate) fn package_name(&self) -> String {
        let mut hash = Sha256::new();
        match &self.package {
            Package::Code => code::fingerprint(&mut hash),
            Package::Terminal => terminal::fingerprint(&mut hash),
            Package::Archive { integrity, .. } => hash.update(integrity.to_string()),
        }
        let key = hex::encode(&hash.finalize()[..6]);
        format!("{}-{}-{key}", self.id, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_directories_cannot_be_injected() {
        let mut entry = Entry::terminal();
        entry.check().unwrap();
        for bad in ["", "..", "a/b", "A", "a b"] {
            entry.id = bad.to_owned();
            assert!(entry.check().is_err(), "{bad}");
        }
        entry.id = "x".to_owned();
        for bad in ["", "..", "1/2", ".1"] {
            entry.version = bad.to_owned();
            assert!(entry.check().is_err(), "{bad}");
        }
    }

    #[test]
    fn entries_are_configuration() {
        let json = r#"{"id":"mine","label":"Mine","version":"1","package":{"kind":"archive","path":"/srv/mine.tar.gz",
            "integrity":"sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="}}"#;
        let entry: Entry = serde_json::from_str(json).unwrap();
        entry.check().unwrap();
        assert!(entry.package_name().starts_with("mine-1-"));
        assert!(serde_json::from_str::<Entry>(&json.replace("\"kind\"", "\"sort\"")).is_err());
    }
}
