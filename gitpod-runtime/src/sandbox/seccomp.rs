//! The system call filter: an allow-list with conditions on arguments, compiled once by the launcher.
//!
//! Unlike general-purpose compilers, which test one number after the other, this one tests ranges by bisection: about eight
//! comparisons per call, and a program a tenth as long, which matters because loading it is part of every start.

mod compile;
mod profile;

pub(super) use compile::compile;
pub(super) use profile::profile;

/// Names of the system calls that are allowed in an instance whatever their arguments. Of further ones, `clone` may not make
/// namespaces, `socket` may not be of the families `AF_ALG` and `AF_VSOCK`, `personality` may not change much, and `clone3` is
/// said not to exist, so that programs fall back to `clone`.
pub fn allowed_system_calls() -> Vec<&'static str> {
    profile::allowed_names()
}

use std::collections::BTreeMap;

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is carried out.
    Allow,
    /// It fails with this error number.
    Fail(i32),
    /// It is carried out unless the low half of its first argument is one of these; then `EPERM`.
    AllowUnlessFirstIs(&'static [u32]),
    /// It is carried out only if the low half of its first argument is one of these; else `EPERM`.
    AllowIfFirstIs(&'static [u32]),
    /// It is carried out unless the low half of its first argument has one of these bits; then `EPERM`.
    AllowUnlessFirstHas(u32),
}

/// Verdicts by call number.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// The architecture whose numbers these are (`AUDIT_ARCH_…`); calls by any other kill the process.
    pub(super) architecture: u32,
    /// Calls that are not refused outright.
    pub(super) calls: BTreeMap<u32, Verdict>,
    /// Calls above this number are unknown to the profile and fail with `ENOSYS`, so that programs fall back.
    pub(super) last_known: u32,
}
