use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gitpod_core::{Error, ErrorKind, Result, Retry};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512};

/// The SHA-512 that a file must have, written as npm and browsers write it: `sha512-<base64>`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Integrity([u8; 64]);

impl Integrity {
    /// Compares the file at `path` with this hash.
    ///
    /// # Errors
    /// `Unavailable`, never worth a retry: the bytes are not the ones that were pinned. `Unexpected`: the file cannot be read.
    pub fn verify(&self, path: &Path) -> Result<()> {
        let mut hash = Sha512::new();
        hash_file(path, &mut hash).map_err(|error| {
            Error::unexpected("cannot read a fetched package")
                .with_context("path", path.display())
                .with_source(error)
        })?;
        let found = Self(hash.finalize().into());
        if found == *self {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            "a fetched package is not the one that was pinned",
        )
        .with_retry(Retry::Never)
        .with_context("expected", self)
        .with_context("found", found)
        .with_hint("do not use this registry or mirror before you know why its bytes differ"))
    }
}

/// Feeds a whole file to `hash` in bounded memory.
pub(crate) fn hash_file(path: &Path, hash: &mut impl Digest) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            n => hash.update(&buffer[..n]),
        }
    }
}

impl FromStr for Integrity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.strip_prefix("sha512-")
            .and_then(|rest| STANDARD.decode(rest).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| {
                Error::invalid("not an integrity hash")
                    .with_context("integrity", text.chars().take(128).collect::<String>())
                    .with_hint("write `sha512-` and the base64 of the file's SHA-512")
            })
    }
}

impl fmt::Display for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha512-{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Integrity {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Integrity> for String {
    fn from(integrity: Integrity) -> Self {
        integrity.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changed_byte_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p");
        std::fs::write(&path, "abc").unwrap();
        // The published SHA-512 test vector for "abc".
        let abc: Integrity = "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==".parse().unwrap();
        abc.verify(&path).unwrap();
        assert_eq!(abc.to_string().parse::<Integrity>().unwrap(), abc);

        std::fs::write(&path, "abd").unwrap();
        let error = abc.verify(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.retry(), Retry::Never);
    }

    #[test]
    fn weak_or_malformed_hashes_are_refused() {
        for bad in [
            "",
            "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            "sha512-",
            "sha512-AAAA",
        ] {
            assert!(bad.parse::<Integrity>().is_err(), "{bad}");
        }
    }
}
