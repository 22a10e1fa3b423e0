use std::io;

/// System calls the sandbox cannot do without, the youngest ones, with the kernel that brought them.
const NEEDED: [(&str, libc::c_long); 7] = [
    ("fsopen (5.2)", libc::SYS_fsopen),
    ("open_tree (5.2)", libc::SYS_open_tree),
    ("move_mount (5.2)", libc::SYS_move_mount),
    ("clone3 (5.3)", libc::SYS_clone3),
    ("openat2 (5.6)", libc::SYS_openat2),
    ("close_range (5.9)", libc::SYS_close_range),
    ("mount_setattr (5.12)", libc::SYS_mount_setattr),
];

/// Names of needed system calls that the kernel does not have, or that a filter hides.
pub(in crate::sandbox) fn missing_calls() -> Vec<&'static str> {
    NEEDED
        .into_iter()
        .filter_map(|(name, number)| is_missing(number).then_some(name))
        .collect()
}

#[expect(unsafe_code, reason = "some of these calls have no wrapper")]
fn is_missing(number: libc::c_long) -> bool {
    const WRONG: libc::c_long = -1;
    // SAFETY: every argument is wrong for each of the calls (no descriptor, no address, no known flag, a range that ends before
    // it begins), so a kernel that has the call refuses it.
    let result = unsafe { libc::syscall(number, WRONG, 0, WRONG, WRONG, 0) };
    result < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::ENOSYS)
}
