//! The last steps before a program runs: capabilities, system call filter, identity.

use gitpod_core::instance::RunAs;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::protocol::Start;
use super::sys;
use super::trouble::Trouble;

/// Capabilities by number; they count in the instance's user namespace alone.
const CHOWN: u32 = 0;
const DAC_OVERRIDE: u32 = 1;
const FOWNER: u32 = 3;
const FSETID: u32 = 4;
const KILL: u32 = 5;
const SETGID: u32 = 6;
const SETUID: u32 = 7;
const SETPCAP: u32 = 8;
const NET_BIND_SERVICE: u32 = 10;
const SYS_CHROOT: u32 = 18;
const AUDIT_WRITE: u32 = 29;
const SETFCAP: u32 = 31;

/// Docker's default set without `NET_RAW` (packets of any shape on a bridge shared with others; `ping` works without) and
/// `MKNOD` (void in a user namespace).
const WORKSPACE: u64 = set(&[
    CHOWN,
    DAC_OVERRIDE,
    FOWNER,
    FSETID,
    KILL,
    SETGID,
    SETUID,
    SETPCAP,
    NET_BIND_SERVICE,
    SYS_CHROOT,
    AUDIT_WRITE,
    SETFCAP,
]);

const fn set(numbers: &[u32]) -> u64 {
    let mut bits = 0;
    let mut index = 0;
    while index < numbers.len() {
        bits |= 1 << numbers[index];
        index += 1;
    }
    bits
}

/// The compiled filter.
pub(super) type Filter = [libc::sock_filter];

/// Confines this process for good and makes it `user`, as far as the instance has users.
///
/// Without `no_new_privileges`, setuid programs (`sudo`, `su`, `ping` of an image) work inside: what they give is root of the
/// user namespace, which is nobody on the node.
pub(super) fn become_workspace(start: &Start, user: RunAs, filter: &Filter) -> Result<(), Trouble> {
    if let Some(most) = start.process_limit {
        // The shim is in the namespace too, and what gives the way out.
        let most = most.saturating_add(if start.way_out.is_some() { 2 } else { 1 });
        limit_processes(most).map_err(|e| Trouble::new("cannot limit the processes", e))?;
    }
    if start.no_new_privileges {
        rustix::thread::set_no_new_privs(true)
            .map_err(|e| Trouble::new("cannot give up new privileges", e))?;
    }
    sys::bound_capabilities(WORKSPACE);
    // Before capabilities are given up: installing a filter needs one, unless new privileges are given up.
    sys::install_filter(filter)
        .map_err(|e| Trouble::new("cannot install the system call filter", e))?;
    let capabilities = if start.ids.is_one() {
        // There is nobody else to become, and everything is this user's.
        0
    } else {
        sys::become_user(user).map_err(|e| Trouble::new("cannot become the user", e))?;
        if user.uid == 0 { WORKSPACE } else { 0 }
    };
    sys::set_capabilities(capabilities).map_err(|e| Trouble::new("cannot drop capabilities", e))
}

/// Limits the processes of an instance by a limit of its user: the kernel counts a user's processes anew in each user namespace.
fn limit_processes(most: u32) -> rustix::io::Result<()> {
    let most = Some(u64::from(most));
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    setrlimit(Resource::Nproc, limit)
}

/// Confines an instance's first process, which only reaps and passes signals on.
pub(super) fn become_reaper(filter: &Filter) -> Result<(), Trouble> {
    sys::bound_capabilities(WORKSPACE);
    sys::install_filter(filter)
        .map_err(|e| Trouble::new("cannot install the system call filter", e))?;
    sys::set_capabilities(set(&[KILL])).map_err(|e| Trouble::new("cannot drop capabilities", e))
}
