use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gitpod_core::{Error, ErrorKind, Result, Secret};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// Format of sealed values.
const VERSION: u8 = 1;
const ID: usize = 8;
const SECRET: usize = 32;
const HEADER: usize = 1 + ID + NONCE_LEN;

/// Names a key without telling anything about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; ID]);

impl KeyId {
    /// The key that sealed a value.
    ///
    /// # Errors
    /// It is no sealed value.
    pub fn of(sealed: &[u8]) -> Result<Self> {
        match sealed {
            [VERSION, rest @ ..] if rest.len() > HEADER => {
                let mut id = [0; ID];
                id.copy_from_slice(&rest[..ID]);
                Ok(Self(id))
            }
            _ => Err(damaged()),
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for KeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut id = [0; ID];
        hex::decode_to_slice(text, &mut id)
            .map_err(|e| Error::invalid("not the id of a key").with_source(e))?;
        Ok(Self(id))
    }
}

/// A key and its name.
pub(super) struct Key {
    pub(super) id: KeyId,
    secret: Secret<Vec<u8>>,
    cipher: LessSafeKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl Key {
    pub(super) fn random() -> Result<Self> {
        let (mut id, mut secret) = ([0; ID], vec![0; SECRET]);
        fill(&mut id)?;
        fill(&mut secret)?;
        Self::new(KeyId(id), secret).ok_or_else(|| Error::unexpected("cannot make a key"))
    }

    fn new(id: KeyId, secret: Vec<u8>) -> Option<Self> {
        let secret = Secret::new(secret);
        let cipher = UnboundKey::new(&AES_256_GCM, secret.expose()).ok()?;
        Some(Self {
            id,
            cipher: LessSafeKey::new(cipher),
            secret,
        })
    }

    /// `<id> <secret>` as in the file.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (id, secret) = line.split_once(' ')?;
        Self::new(id.parse().ok()?, STANDARD.decode(secret.trim()).ok()?)
    }

    pub(super) fn print(&self) -> Secret<String> {
        Secret::new(format!(
            "{} {}",
            self.id,
            STANDARD.encode(self.secret.expose())
        ))
    }

    /// Nonces are random: one key is good for 2^32 values, more than a database of workspaces ever sees.
    pub(super) fn seal(&self, place: &str, value: &str) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        let mut text = value.as_bytes().to_vec();
        self.cipher
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut text,
            )
            .map_err(|_| Error::unexpected("cannot encrypt a secret"))?;
        let mut sealed = Vec::with_capacity(HEADER + text.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.id.0);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut text);
        Ok(sealed)
    }

    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Result<Secret<String>> {
        let (header, text) = sealed.split_at_checked(HEADER).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(&header[1 + ID..]).map_err(|_| damaged())?;
        let mut text = text.to_vec();
        let length = self
            .cipher
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut text)
            .map_err(|_| {
                Error::new(
                    ErrorKind::Unexpected,
                    "a secret in the database cannot be decrypted: it was changed, moved, or encrypted with another key of the same name",
                )
                .with_context("key", self.id)
                .with_hint("restore the key file, or the database, from the backup they belong to")
            })?
            .len();
        text.truncate(length);
        String::from_utf8(text)
            .map(Secret::new)
            .map_err(|_| damaged())
    }
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    OsRng
        .try_fill_bytes(bytes)
        .map_err(|e| Error::unexpected("the system gives no random bytes").with_source(e))
}

fn damaged() -> Error {
    Error::unexpected("a secret in the database is damaged")
        .with_hint("restore the database from a backup")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_in_its_place_only() {
        let key = Key::random().unwrap();
        let sealed = key.seal("a", "hunter2").unwrap();
        assert_eq!(KeyId::of(&sealed).unwrap(), key.id);
        assert_eq!(key.open("a", &sealed).unwrap().expose(), "hunter2");
        assert!(key.open("b", &sealed).is_err(), "moved");
        assert!(
            Key::random().unwrap().open("a", &sealed).is_err(),
            "another key"
        );
        for at in 1 + ID..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("a", &changed).is_err(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(key.open("a", &sealed[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn a_key_reads_back_from_its_line() {
        let key = Key::random().unwrap();
        let again = Key::parse(key.print().expose()).unwrap();
        let sealed = key.seal("a", "").unwrap();
        assert_eq!(again.open("a", &sealed).unwrap().expose(), "");
        assert!(Key::parse("0011223344556677 c2hvcnQ=").is_none());
    }
}
