use std::fmt;
use std::io::{self, Read};

use gitpod_core::{Error, Result};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, the only kind that images of today use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    /// Parses `sha256:<64 hex digits>`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let bytes = text.strip_prefix("sha256:").and_then(|hex| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(hex, &mut bytes).ok().map(|()| bytes)
        });
        bytes.map(Self).ok_or_else(|| {
            Error::invalid("the image names a digest that is not one")
                .with_context("digest", text.escape_debug().take(100).collect::<String>())
                .with_hint("sha256 digests are supported; make the image anew with current tools")
        })
    }

    /// Of `content`.
    pub(super) fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// As 64 hex digits.
    pub(super) fn hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Fails unless `found` is this digest.
    pub(super) fn check(&self, found: Self, what: &str) -> Result<()> {
        if *self == found {
            return Ok(());
        }
        Err(
            Error::invalid(format!("the image's {what} is not what its digest says"))
                .with_context("expected", self)
                .with_context("found", found)
                .with_hint("the image is damaged: copy it to this machine again"),
        )
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

/// Hashes what is read through it, and stops at a limit.
#[derive(Debug)]
pub(super) struct Hashing<R> {
    inner: R,
    hash: Sha256,
    left: u64,
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            left: limit,
        }
    }

    /// Reads the rest, and gives the digest of everything.
    pub(super) fn finish(mut self) -> io::Result<(Digest, R)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((Digest(self.hash.finalize().into()), self.inner))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                "the layer is larger than is allowed",
            )
        })?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_print_as_they_parse() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::parse(empty).unwrap(), Digest::of(b""));
        assert_eq!(Digest::of(b"").to_string(), empty);
        for bad in ["", "sha256:", "sha512:00", "sha256:../../etc", &empty[..70]] {
            assert!(Digest::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reader_is_hashed_to_its_end_and_limited() {
        let mut reader = Hashing::new(&b"hello"[..], 5);
        reader.read_exact(&mut [0; 2]).unwrap();
        assert_eq!(reader.finish().unwrap().0, Digest::of(b"hello"));
        assert!(Hashing::new(&b"hello"[..], 4).finish().is_err());
    }
}
