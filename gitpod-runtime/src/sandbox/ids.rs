//! Which of the node's users an instance's users are.

use std::io;
use std::path::Path;

use gitpod_core::instance::RunAs;
use serde::{Deserialize, Serialize};

use super::config::IDS;

/// The ids of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ids {
    /// [`IDS`] of the node's, from `first` on, that nobody else has. Only root can hand them out.
    Range { first: u32 },
    /// The one user the sandbox runs as, called [`RunAs::GITPOD`] inside: what a user may do without anybody's help. Nobody
    /// else exists inside, so every command runs as that user, and every file on disk belongs to it.
    One { uid: u32, gid: u32 },
}

impl Ids {
    /// What this process can give an instance without ranges.
    pub(super) fn own() -> Self {
        Self::One {
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
        }
    }

    /// Whether the sandbox has no privileges of the node.
    pub(super) fn is_one(self) -> bool {
        matches!(self, Self::One { .. })
    }

    /// The owner of what is made for the instance, by its number where it is made: outside for a range, inside for one user.
    pub(super) fn owner(self) -> u32 {
        match self {
            Self::Range { first } => first,
            Self::One { .. } => RunAs::GITPOD.uid,
        }
    }

    /// Tells the kernel, for the user namespace of the process described by `process` (its directory in `/proc`).
    pub(super) fn map(self, process: &Path) -> io::Result<()> {
        let (users, groups) = match self {
            Self::Range { first } => {
                let all = format!("0 {first} {IDS}\n");
                (all.clone(), all)
            }
            Self::One { uid, gid } => {
                // The kernel's condition: who could drop groups could get around files that deny them access.
                std::fs::write(process.join("setgroups"), "deny")?;
                let RunAs {
                    uid: user,
                    gid: group,
                } = RunAs::GITPOD;
                (format!("{user} {uid} 1\n"), format!("{group} {gid} 1\n"))
            }
        };
        std::fs::write(process.join("uid_map"), users)?;
        std::fs::write(process.join("gid_map"), groups)
    }
}
