//! Chance as a dependency: ids and tokens come from here, so that a simulation can repeat them.

use std::fmt;

use gitpod_core::{InstanceId, ReplicaId, Secret, WorkspaceId};
use rand::RngCore as _;
use uuid::{Builder, Uuid};

/// A source of random bytes.
pub trait Entropy: fmt::Debug + Send + Sync + 'static {
    /// Fills `bytes`.
    ///
    /// # Behavior
    /// Nobody can guess them: owner tokens are made of them.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

fn bytes(entropy: &dyn Entropy) -> [u8; 16] {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes
}

fn uuid(entropy: &dyn Entropy) -> Uuid {
    Builder::from_random_bytes(bytes(entropy)).into_uuid()
}

pub(crate) fn workspace_id(entropy: &dyn Entropy) -> WorkspaceId {
    WorkspaceId::generate(bytes(entropy))
}

pub(crate) fn instance_id(entropy: &dyn Entropy) -> InstanceId {
    InstanceId::from_uuid(uuid(entropy))
}

pub(crate) fn replica_id(entropy: &dyn Entropy) -> ReplicaId {
    ReplicaId::from_uuid(uuid(entropy))
}

/// 32 characters that are safe in a cookie: 190 bits of chance.
pub(crate) fn owner_token(entropy: &dyn Entropy) -> Secret<String> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    /// Bytes from here on would make some letters likelier than others.
    const FAIR: u8 = 248;
    let mut token = String::with_capacity(32);
    while token.len() < 32 {
        for byte in bytes(entropy) {
            if byte < FAIR && token.len() < 32 {
                token.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            }
        }
    }
    Secret::new(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_plain_and_differ() {
        let (a, b) = (owner_token(&SystemEntropy), owner_token(&SystemEntropy));
        assert_ne!(a.expose(), b.expose());
        assert_eq!(a.expose().len(), 32);
        assert!(a.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
