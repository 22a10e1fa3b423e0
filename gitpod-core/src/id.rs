//! Typed identifiers. What was parsed once needs no check later.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Result};

mod words;

/// Letters and digits at the end of a generated workspace id. With the words that is 52 random bits: the names of public
/// ports cannot be guessed.
const SUFFIX: usize = 8;

/// Names a workspace, the durable thing a user owns: `adjective-noun-suffix`, such as `amber-falcon-k3v9x2ab`.
///
/// Each id matches `[0-9a-z]{2,16}-[0-9a-z]{2,16}-[0-9a-z]{8,11}`, the shape that existing clients and host names expect;
/// hence it is safe as a host label, a directory name and a cgroup name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkspaceId(String);

impl WorkspaceId {
    /// The id that `random` bytes stand for; equal bytes give equal ids.
    pub fn generate(random: [u8; 16]) -> Self {
        let [adjective, noun, suffix @ ..] = random;
        let adjective = words::ADJECTIVES[usize::from(adjective) % words::ADJECTIVES.len()];
        let noun = words::NOUNS[usize::from(noun) % words::NOUNS.len()];
        let suffix: String = suffix
            .iter()
            .take(SUFFIX)
            .map(|byte| char::from(words::ALPHABET[usize::from(*byte) % words::ALPHABET.len()]))
            .collect();
        Self(format!("{adjective}-{noun}-{suffix}"))
    }

    /// Parses an id.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the shape is not that of a workspace id.
    pub fn parse(text: &str) -> Result<Self> {
        let part = |s: Option<&str>, min: usize, max: usize| {
            s.is_some_and(|s| {
                (min..=max).contains(&s.len())
                    && s.bytes()
                        .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
            })
        };
        let mut parts = text.split('-');
        let valid = part(parts.next(), 2, 16)
            && part(parts.next(), 2, 16)
            && part(parts.next(), 8, 11)
            && parts.next().is_none();
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid("not a workspace id")
                .with_context("id", text.chars().take(64).collect::<String>())
                .with_hint("workspace ids look like amber-falcon-k3v9x2ab; `gitpod workspace list` shows yours"))
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WorkspaceId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<String> for WorkspaceId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<WorkspaceId> for String {
    fn from(id: WorkspaceId) -> Self {
        id.0
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new random id.
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// The id made of `uuid`.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The underlying UUID.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Uuid::try_parse(text).map(Self).map_err(|source| {
                    Error::invalid(concat!("not ", $what, " id"))
                        .with_context("id", text)
                        .with_source(source)
                        .with_hint("it is a UUID, such as 6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
                })
            }
        }
    };
}

uuid_id! {
    /// Names one run of a workspace, from start to stop.
    InstanceId, "an instance"
}
uuid_id! {
    /// Names a user.
    UserId, "a user"
}
uuid_id! {
    /// Names an organization.
    OrganizationId, "an organization"
}
uuid_id! {
    /// Names a project: a repository with its settings, in an organization.
    ProjectId, "a project"
}
uuid_id! {
    /// Names a prebuild.
    PrebuildId, "a prebuild"
}
uuid_id! {
    /// Names a snapshot.
    SnapshotId, "a snapshot"
}
uuid_id! {
    /// Names one life of a server process among those that share a store; a process that starts again is another one.
    ReplicaId, "a replica"
}
uuid_id! {
    /// Names a stored environment variable.
    VariableId, "an environment variable"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_are_ids_and_differ_with_every_byte_they_use() {
        for byte in 0..=u8::MAX {
            let id = WorkspaceId::generate([byte; 16]);
            assert_eq!(WorkspaceId::parse(id.as_str()).unwrap(), id);
        }
        let base = WorkspaceId::generate([0; 16]);
        for at in 0..2 + SUFFIX {
            let mut random = [0; 16];
            random[at] = 1;
            assert_ne!(WorkspaceId::generate(random), base, "byte {at}");
        }
    }

    #[test]
    fn workspace_ids_have_the_shape_host_names_expect() {
        assert!(WorkspaceId::parse("amber-falcon-k3v9x2ab").is_ok());
        for bad in [
            "",
            "a-b-c",
            "amber-falcon",
            "Amber-falcon-k3v9x2ab",
            "amber-falcon-k3v9x2ab-x",
            "../-..-aaaaaaaa",
        ] {
            assert!(WorkspaceId::parse(bad).is_err(), "{bad}");
        }
    }
}
