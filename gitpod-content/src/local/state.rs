use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The format this release writes.
const VERSION: u32 = 1;
const NAME: &str = "state.json";

/// What is remembered about a volume beside its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Of this format.
    version: u32,
    /// Whether an initializer completed.
    pub(super) initialized: bool,
    /// The size of its own file system, if it has one.
    #[serde(default)]
    pub(super) disk_bytes: Option<u64>,
}

impl State {
    /// Of a new volume.
    pub(super) fn new(disk_bytes: Option<u64>) -> Self {
        Self {
            version: VERSION,
            initialized: false,
            disk_bytes,
        }
    }

    /// The state of the volume in `directory`; `None` when there is no volume.
    pub(super) fn read(directory: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read(directory.join(NAME)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let state: Self = serde_json::from_slice(&text).map_err(io::Error::other)?;
        if state.version > VERSION {
            return Err(io::Error::other(format!(
                "the volume has format {}, this release knows {VERSION}",
                state.version
            )));
        }
        Ok(Some(state))
    }

    /// Writes the state of a volume that is being made. Not durable yet: a volume that a power cut takes away before it was
    /// initialised is made anew.
    pub(super) fn write_new(&self, directory: &Path) -> io::Result<()> {
        fs::write(directory.join(NAME), self.text()?)
    }

    /// Replaces the state durably: after a power cut either the old or the new one is there, and the volume with it.
    pub(super) fn replace(&self, directory: &Path) -> io::Result<()> {
        let new = directory.join("state.json.new");
        let mut file = File::create(&new)?;
        file.write_all(&self.text()?)?;
        file.sync_all()?;
        fs::rename(&new, directory.join(NAME))?;
        sync_directory(directory)?;
        directory.parent().map_or(Ok(()), sync_directory)
    }

    fn text(&self) -> io::Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(io::Error::other)
    }
}

/// Makes what was created, renamed or removed in `directory` durable.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_format_is_refused_not_guessed() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(State::read(dir.path()).unwrap(), None);
        let mut state = State::new(Some(7));
        state.write_new(dir.path()).unwrap();
        assert_eq!(State::read(dir.path()).unwrap(), Some(state.clone()));
        state.initialized = true;
        state.replace(dir.path()).unwrap();
        assert_eq!(State::read(dir.path()).unwrap(), Some(state));
        fs::write(
            dir.path().join(NAME),
            r#"{"version":2,"initialized":true,"x":1}"#,
        )
        .unwrap();
        assert!(State::read(dir.path()).is_err());
    }
}
