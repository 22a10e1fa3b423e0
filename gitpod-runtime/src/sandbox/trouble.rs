//! What went wrong, in a form that crosses process boundaries.

use std::io;
use std::path::{Path, PathBuf};

use gitpod_core::{Error, ErrorKind};
use serde::{Deserialize, Serialize};

/// A failure in the launcher, a shim, or an instance that is being set up.
#[derive(Debug, Clone, Serialize, Deserialize, thiserror::Error)]
#[error("{what}")]
pub(super) struct Trouble {
    kind: Kind,
    what: String,
    path: Option<PathBuf>,
    errno: Option<i32>,
    hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    NotFound,
    InvalidInput,
    PermissionDenied,
    FailedPrecondition,
    Unsupported,
    Unavailable,
    Unexpected,
}

impl Trouble {
    /// A system call failed while doing `what`.
    pub(super) fn new(what: impl Into<String>, error: impl Into<io::Error>) -> Self {
        let errno = error.into().raw_os_error();
        Self {
            kind: kind_of(errno),
            what: what.into(),
            path: None,
            errno,
            hint: None,
        }
    }

    /// The state of things does not allow it.
    pub(super) fn precondition(what: impl Into<String>) -> Self {
        Self {
            kind: Kind::FailedPrecondition,
            what: what.into(),
            path: None,
            errno: None,
            hint: None,
        }
    }

    /// A bug, or a machine in a state nobody foresaw.
    pub(super) fn unexpected(what: impl Into<String>) -> Self {
        Self {
            kind: Kind::Unexpected,
            ..Self::precondition(what)
        }
    }

    /// Names the file it is about.
    #[must_use]
    pub(super) fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().to_owned());
        self
    }

    /// Says what the person should do.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

fn kind_of(errno: Option<i32>) -> Kind {
    match errno {
        Some(libc::ENOENT | libc::ENOTDIR) => Kind::NotFound,
        Some(libc::EACCES | libc::EPERM | libc::EROFS) => Kind::PermissionDenied,
        Some(libc::ENOEXEC | libc::EINVAL | libc::ENAMETOOLONG | libc::ELOOP | libc::E2BIG) => {
            Kind::InvalidInput
        }
        Some(libc::ENOSYS | libc::EOPNOTSUPP | libc::ENODEV) => Kind::Unsupported,
        Some(
            libc::EAGAIN | libc::ENOMEM | libc::EMFILE | libc::ENFILE | libc::ENOSPC | libc::EBUSY,
        ) => Kind::Unavailable,
        _ => Kind::Unexpected,
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let kind = match trouble.kind {
            Kind::NotFound => ErrorKind::NotFound,
            Kind::InvalidInput => ErrorKind::InvalidInput,
            Kind::PermissionDenied => ErrorKind::PermissionDenied,
            Kind::FailedPrecondition => ErrorKind::FailedPrecondition,
            Kind::Unsupported => ErrorKind::Unsupported,
            Kind::Unavailable => ErrorKind::Unavailable,
            Kind::Unexpected => ErrorKind::Unexpected,
        };
        let mut error = Self::new(kind, trouble.what);
        if let Some(path) = trouble.path {
            error = error.with_context("path", path.display());
        }
        if let Some(errno) = trouble.errno {
            error = error.with_source(io::Error::from_raw_os_error(errno));
        }
        if let Some(hint) = trouble.hint {
            error = error.with_hint(hint);
        }
        error
    }
}
