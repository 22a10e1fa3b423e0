//! Keys that encrypt the secrets in a database: in a file of their own, which nobody else may read, and which can be rotated.
//!
//! A sealed value is `1 | key id (8 bytes) | nonce (12 bytes) | AES-256-GCM ciphertext and tag`. What the value belongs to is
//! authenticated with it: moved to another record it does not open.

mod file;
mod key;

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use gitpod_core::{Error, ErrorKind, Result, Secret};

use file::Stamp;
use key::Key;
pub use key::KeyId;

/// The keys of a database: the first one encrypts, all of them decrypt. Clones are one keyring.
///
/// A file that was changed (`gitpod-server keys rotate`) is read again before the next use, so that a running server goes on
/// with the new key.
#[derive(Debug, Clone)]
pub struct Keyring {
    path: Arc<PathBuf>,
    loaded: Arc<RwLock<Loaded>>,
}

#[derive(Debug)]
struct Loaded {
    /// Never empty.
    keys: Vec<Key>,
    stamp: Option<Stamp>,
}

/// What proofs encrypt.
const PROOF: &str = "gitpod";

/// Shows, in the database, that a key is its own.
pub(super) fn prove(keys: &Keyring, id: &str) -> Result<Vec<u8>> {
    keys.seal(&format!("secret_keys/{id}"), PROOF)
}

/// Refuses keys that are not those of the database that the proof is in.
pub(super) fn check(keys: &Keyring, id: &str, proof: &[u8]) -> Result<()> {
    keys.open_sealed(&format!("secret_keys/{id}"), proof)
        .map(drop)
        .map_err(|cause| {
            Error::new(
                ErrorKind::FailedPrecondition,
                "the key file is not the one of this database",
            )
            .with_context("path", keys.path.display())
            .with_context("key", id)
            .with_hint("name the right key file, or restore it from its copy; nothing else can read the secrets in the database")
            .with_source(cause)
        })
}

impl Keyring {
    /// The keys in the file at `path`, which is made, with a random key, if it is not there.
    ///
    /// # Errors
    /// `ConfigInvalid`: it holds something else. `PermissionDenied`: others may read it, or it cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        let (keys, stamp) = match file::read(path)? {
            Some(found) => found,
            None => file::create(path, &[Key::random()?])?,
        };
        Ok(Self {
            path: Arc::new(path.to_owned()),
            loaded: Arc::new(RwLock::new(Loaded {
                keys,
                stamp: Some(stamp),
            })),
        })
    }

    /// One random key that is kept nowhere: what it seals is lost with the process.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn ephemeral() -> Result<Self> {
        Ok(Self {
            path: Arc::default(),
            loaded: Arc::new(RwLock::new(Loaded {
                keys: vec![Key::random()?],
                stamp: None,
            })),
        })
    }

    /// Encrypts `value` with the newest key, bound to `place`: what it belongs to.
    ///
    /// # Errors
    /// The file was changed and cannot be read.
    pub fn seal(&self, place: &str, value: &str) -> Result<Vec<u8>> {
        self.refresh()?;
        self.with(|keys| keys[0].seal(place, value))
    }

    /// Decrypts what was sealed for `place`.
    ///
    /// # Errors
    /// `FailedPrecondition`: the key is not in the file. `Unexpected`: the value was changed, or was not sealed for `place`.
    pub fn open_sealed(&self, place: &str, sealed: &[u8]) -> Result<Secret<String>> {
        let id = KeyId::of(sealed)?;
        self.refresh()?;
        self.with(|keys| match keys.iter().find(|key| key.id == id) {
            Some(key) => key.open(place, sealed),
            None => Err(self.unknown(id)),
        })
    }

    /// The ids of all keys, the one that encrypts first.
    ///
    /// # Errors
    /// The file was changed and cannot be read.
    pub fn ids(&self) -> Result<Vec<KeyId>> {
        self.refresh()?;
        Ok(self.with(|keys| keys.iter().map(|key| key.id).collect()))
    }

    /// The key that encrypts.
    ///
    /// # Errors
    /// The file was changed and cannot be read.
    pub fn newest(&self) -> Result<KeyId> {
        self.refresh()?;
        Ok(self.with(|keys| keys[0].id))
    }

    /// Adds a random key, which encrypts from now on; the others still decrypt.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&self) -> Result<KeyId> {
        let new = Key::random()?;
        let id = new.id;
        self.change(move |keys| keys.insert(0, new))?;
        Ok(id)
    }

    /// Forgets keys, but never the one that encrypts. What they sealed can never be read again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget(&self, ids: &[KeyId]) -> Result<()> {
        self.change(|keys| {
            let newest = keys[0].id;
            keys.retain(|key| key.id == newest || !ids.contains(&key.id));
        })
    }

    /// Changes the file, alone among processes, from what it holds now.
    fn change(&self, change: impl FnOnce(&mut Vec<Key>)) -> Result<()> {
        if self.is_ephemeral() {
            let mut loaded = self.loaded.write().expect("because no holder panics");
            change(&mut loaded.keys);
            return Ok(());
        }
        let _lock = file::lock(&self.path)?;
        let (mut keys, _) = file::read(&self.path)?.ok_or_else(|| file::vanished(&self.path))?;
        change(&mut keys);
        let stamp = file::replace(&self.path, &keys)?;
        let mut loaded = self.loaded.write().expect("because no holder panics");
        (loaded.keys, loaded.stamp) = (keys, Some(stamp));
        Ok(())
    }

    fn is_ephemeral(&self) -> bool {
        self.with_loaded(|loaded| loaded.stamp.is_none())
    }

    /// Reads the file again if it is not the one that was read. It is small and local: one system call when it is.
    fn refresh(&self) -> Result<()> {
        let Some(known) = self.with_loaded(|loaded| loaded.stamp) else {
            return Ok(());
        };
        if Stamp::of(&self.path)? == known {
            return Ok(());
        }
        let (keys, stamp) = file::read(&self.path)?.ok_or_else(|| file::vanished(&self.path))?;
        let mut loaded = self.loaded.write().expect("because no holder panics");
        (loaded.keys, loaded.stamp) = (keys, Some(stamp));
        Ok(())
    }

    /// The error for a key that is not there.
    pub(super) fn unknown(&self, id: KeyId) -> Error {
        Error::new(
            ErrorKind::FailedPrecondition,
            "a secret in the database was encrypted with a key that is not in the key file",
        )
        .with_context("key", id)
        .with_context("path", self.path.display())
        .with_hint(
            "restore the key file that belongs to this database; nothing else can read its secrets",
        )
    }

    fn with<T>(&self, read: impl FnOnce(&[Key]) -> T) -> T {
        self.with_loaded(|loaded| read(&loaded.keys))
    }

    fn with_loaded<T>(&self, read: impl FnOnce(&Loaded) -> T) -> T {
        read(&self.loaded.read().expect("because no holder panics"))
    }
}
