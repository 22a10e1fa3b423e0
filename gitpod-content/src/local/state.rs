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
}

impl State {
    /// Of a new volume.
    pub(super) fn new() -> Self {
        Self {
            version: VERSION,
            initialized: false,
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

    /// Writes the state durably: after a crash either the old or the new one is there.
    pub(super) fn write(&self, directory: &Path) -> io::Result<()> {
        let new = directory.join("state.json.new");
        let mut file = File::create(&new)?;
        file.write_all(&serde_json::to_vec(self).map_err(io::Error::other)?)?;
        file.sync_all()?;
        fs::rename(&new, directory.join(NAME))?;
        sync_directory(directory)
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
        State::new().write(dir.path()).unwrap();
        assert_eq!(State::read(dir.path()).unwrap(), Some(State::new()));
        fs::write(
            dir.path().join(NAME),
            r#"{"version":2,"initialized":true,"x":1}"#,
        )
        .unwrap();
        assert!(State::read(dir.path()).is_err());
    }
}
