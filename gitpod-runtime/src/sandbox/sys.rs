//! System calls that neither `std` nor `rustix` offers, each behind a safe function.
//!
//! Everything here runs on Linux alone. Functions that fork say which state the child may rely on: the launcher and all its
//! descendants have a single thread, so a forked child may allocate.

mod identity;
mod interface;
mod mount;
mod probe;
mod process;
mod signal;

pub(super) use identity::{
    FileSystemIdentity, become_user, bound_capabilities, give_to, set_capabilities,
};
pub(super) use interface::{Interface, bring_up_loopback};
pub(super) use mount::{MountAttributes, set_mount_attributes};
pub(super) use probe::missing_calls;
pub(super) use process::{
    Fork, clone_into_namespaces, close_from, enter_own_cgroup_namespace, enter_own_mount_namespace,
    execute, exit_now, fork, install_filter, join_namespaces, make_controlling_terminal,
    process_name, replace_standard_streams, start_session,
};
pub(super) use signal::{
    SignalReader, block_all_signals, default_signals, ignore_children, next_signal, send_signal,
    wait_any,
};

use std::io;

/// The result of a raw call that answers -1 and `errno` on failure.
fn check(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}
