use std::ffi::OsString;
use std::path::PathBuf;

use gitpod_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::{Entry, PackagedCatalog};

/// What a [`PackagedCatalog`] needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CatalogConfig {
    /// Where packages are kept: absolute, may be shared by all servers of a machine. Empty: see [`CatalogConfig::default_cache_dir`].
    pub cache_dir: PathBuf,
    /// The editors, the preferred one first.
    pub editors: Vec<Entry>,
    /// The npm executable: a name to be found on `PATH`, or a path.
    pub npm: PathBuf,
}

impl Default for CatalogConfig {
    fn default() -> Self {
        Self {
            cache_dir: PathBuf::new(),
            editors: vec![Entry::code(), Entry::terminal()],
            npm: PathBuf::from("npm"),
        }
    }
}

impl CatalogConfig {
    /// The default editors with their packages in `cache_dir`.
    pub fn new(cache_dir: impl Into<PathBuf>) -> Self {
        Self {
            cache_dir: cache_dir.into(),
            ..Self::default()
        }
    }

    /// `$XDG_CACHE_HOME/gitpod/ide`, else `$HOME/.cache/gitpod/ide`, else `None`; `var` reads the environment.
    pub fn default_cache_dir(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        let absolute = |name: &str| {
            var(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
            .map(|base| base.join("gitpod").join("ide"))
    }

    /// Checks everything, touches nothing.
    ///
    /// # Errors
    /// `ConfigInvalid`: no editors, an id twice, a malformed entry, or a relative cache directory.
    pub fn build(self) -> Result<PackagedCatalog> {
        let invalid = |message: &str| Error::new(ErrorKind::ConfigInvalid, message);
        if !self.cache_dir.is_absolute() {
            return Err(
                invalid("the directory for editor packages must be absolute")
                    .with_context("cache_dir", self.cache_dir.display())
                    .with_hint("set `cache_dir`, or XDG_CACHE_HOME or HOME for the default"),
            );
        }
        if self.editors.is_empty() {
            return Err(invalid("the catalogue has no editors"));
        }
        for (index, entry) in self.editors.iter().enumerate() {
            entry.check()?;
            if self.editors[..index]
                .iter()
                .any(|other| other.id == entry.id)
            {
                return Err(invalid("two editors have the same id").with_context("id", &entry.id));
            }
        }
        Ok(PackagedCatalog::new(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_follows_the_environment() {
        let with = |pairs: &'static [(&str, &str)]| {
            CatalogConfig::default_cache_dir(|name| {
                let hit = pairs.iter().find(|(key, _)| *key == name);
                hit.map(|(_, value)| OsString::from(value))
            })
        };
        assert_eq!(
            with(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")]),
            Some("/c/gitpod/ide".into())
        );
        assert_eq!(
            with(&[("XDG_CACHE_HOME", "c"), ("HOME", "/h")]),
            Some("/h/.cache/gitpod/ide".into())
        );
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn mistakes_are_named() {
        let twice = CatalogConfig {
            editors: vec![Entry::code(), Entry::code()],
            ..CatalogConfig::new("/c")
        };
        for bad in [CatalogConfig::new("relative"), twice] {
            assert_eq!(bad.build().unwrap_err().kind(), ErrorKind::ConfigInvalid);
        }
    }
}
