//! Slots: small numbers that tell instances of one node apart. A slot decides an instance's ids and its network address.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Slots of one state directory, as files named by number that say whose they are.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    directory: PathBuf,
    count: u32,
}

impl Slots {
    pub(super) fn open(state: &Path, count: u32) -> io::Result<Self> {
        let directory = state.join("slots");
        fs::create_dir_all(&directory)?;
        Ok(Self { directory, count })
    }

    /// Takes a free slot for `owner`; `None` when all are taken.
    pub(super) fn claim(&self, owner: &str) -> io::Result<Option<u32>> {
        for number in 0..self.count {
            match fs::File::create_new(self.path(number)) {
                Ok(mut file) => {
                    return match file.write_all(owner.as_bytes()) {
                        Ok(()) => Ok(Some(number)),
                        Err(error) => {
                            self.release(number)?;
                            Err(error)
                        }
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Frees a slot.
    pub(super) fn release(&self, number: u32) -> io::Result<()> {
        match fs::remove_file(self.path(number)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Frees the slots of `owner`.
    pub(super) fn release_of(&self, owner: &str) -> io::Result<()> {
        self.keep(|other| other != owner)
    }

    /// The slot of `owner`.
    pub(super) fn of(&self, owner: &str) -> Option<u32> {
        self.taken()
            .ok()?
            .into_iter()
            .find_map(|(number, other)| (other == owner).then_some(number))
    }

    /// Frees the slots whose owners are not to be kept.
    pub(super) fn keep(&self, keep: impl Fn(&str) -> bool) -> io::Result<()> {
        for (number, owner) in self.taken()? {
            if !keep(&owner) {
                self.release(number)?;
            }
        }
        Ok(())
    }

    fn taken(&self) -> io::Result<Vec<(u32, String)>> {
        let mut taken = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let Some(number) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            match fs::read_to_string(entry.path()) {
                Ok(owner) => taken.push((number, owner)),
                // Freed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    fn path(&self, number: u32) -> PathBuf {
        self.directory.join(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_taken_once_and_come_back() {
        let directory = tempfile::tempdir().unwrap();
        let slots = Slots::open(directory.path(), 2).unwrap();
        assert_eq!(slots.claim("a").unwrap(), Some(0));
        assert_eq!(slots.claim("b").unwrap(), Some(1));
        assert_eq!(slots.claim("c").unwrap(), None);
        slots.release_of("a").unwrap();
        assert_eq!(slots.claim("c").unwrap(), Some(0));
        assert_eq!(slots.of("b"), Some(1));
    }
}
