use libc::{
    BPF_ABS, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W, SECCOMP_RET_ALLOW,
    SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, sock_filter,
};

use super::{Profile, Verdict};

/// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = if cfg!(target_endian = "little") {
    16
} else {
    20
};

/// Compiles a profile into a program for the kernel.
///
/// # Panics
/// When a jump gets longer than the instruction set allows; the profile is a constant and a test compiles it.
pub(in crate::sandbox) fn compile(profile: &Profile) -> Vec<sock_filter> {
    let mut program = vec![
        load(ARCHITECTURE),
        jump(BPF_JEQ, profile.architecture, 1, 0),
        answer(SECCOMP_RET_KILL_PROCESS),
        load(NUMBER),
    ];
    program.extend(bisect(&ranges(profile)));
    program
}

/// Verdicts by range: each holds from its number up to the next one's.
fn ranges(profile: &Profile) -> Vec<(u32, Verdict)> {
    let refused = Verdict::Fail(libc::EPERM);
    let mut ranges: Vec<(u32, Verdict)> = Vec::new();
    for number in 0..=profile.last_known {
        let verdict = profile.calls.get(&number).copied().unwrap_or(refused);
        if ranges.last().is_none_or(|(_, last)| *last != verdict) {
            ranges.push((number, verdict));
        }
    }
    ranges.push((profile.last_known + 1, Verdict::Fail(libc::ENOSYS)));
    ranges
}

fn bisect(ranges: &[(u32, Verdict)]) -> Vec<sock_filter> {
    if let [(_, verdict)] = ranges {
        return decide(*verdict);
    }
    let (low, high) = ranges.split_at(ranges.len() / 2);
    let below = bisect(low);
    let distance = u8::try_from(below.len()).expect("because a profile has few ranges");
    let mut program = vec![jump(BPF_JGE, high[0].0, distance, 0)];
    program.extend(below);
    program.extend(bisect(high));
    program
}

fn decide(verdict: Verdict) -> Vec<sock_filter> {
    let allow = || answer(SECCOMP_RET_ALLOW);
    let refuse = || answer(SECCOMP_RET_ERRNO | errno(libc::EPERM));
    let compare = |values: &[u32], hit: sock_filter, miss: sock_filter| {
        let mut program = vec![load(FIRST_ARGUMENT)];
        for (index, value) in values.iter().enumerate() {
            // Over the comparisons that follow and the answer for none.
            let distance = u8::try_from(values.len() - index).expect("because lists are short");
            program.push(jump(BPF_JEQ, *value, distance, 0));
        }
        program.extend([miss, hit]);
        program
    };
    match verdict {
        Verdict::Allow => vec![allow()],
        Verdict::Fail(number) => vec![answer(SECCOMP_RET_ERRNO | errno(number))],
        Verdict::AllowUnlessFirstIs(values) => compare(values, refuse(), allow()),
        Verdict::AllowIfFirstIs(values) => compare(values, allow(), refuse()),
        Verdict::AllowUnlessFirstHas(bits) => vec![
            load(FIRST_ARGUMENT),
            jump(BPF_JSET, bits, 1, 0),
            allow(),
            refuse(),
        ],
    }
}

fn errno(number: i32) -> u32 {
    number.cast_unsigned() & libc::SECCOMP_RET_DATA
}

fn load(offset: u32) -> sock_filter {
    instruction(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0)
}

fn answer(value: u32) -> sock_filter {
    instruction(BPF_RET | BPF_K, value, 0, 0)
}

fn jump(condition: u32, value: u32, yes: u8, no: u8) -> sock_filter {
    instruction(BPF_JMP | BPF_K | condition, value, yes, no)
}

fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter {
        code: u16::try_from(code).expect("because instruction codes have 16 bits"),
        jt,
        jf,
        k,
    }
}

#[cfg(test)]
mod tests {
    use super::super::profile;
    use super::*;

    /// What the kernel would do with the program.
    fn interpret(program: &[sock_filter], architecture: u32, number: u32, first: u32) -> u32 {
        let (mut at, mut accumulator) = (0_usize, 0);
        loop {
            let step = program[at];
            at += 1;
            let code = u32::from(step.code);
            match code & 0x07 {
                BPF_LD => {
                    accumulator = match step.k {
                        NUMBER => number,
                        ARCHITECTURE => architecture,
                        FIRST_ARGUMENT => first,
                        other => panic!("loads from {other}"),
                    };
                }
                BPF_RET => return step.k,
                BPF_JMP => {
                    let hit = match code & 0xf0 {
                        BPF_JEQ => accumulator == step.k,
                        BPF_JGE => accumulator >= step.k,
                        BPF_JSET => accumulator & step.k != 0,
                        other => panic!("jumps by {other}"),
                    };
                    at += usize::from(if hit { step.jt } else { step.jf });
                }
                other => panic!("class {other}"),
            }
        }
    }

    #[test]
    fn the_program_says_what_the_profile_says() {
        let profile = profile();
        let program = compile(&profile);
        assert!(program.len() < 400, "{} instructions", program.len());
        let refused = SECCOMP_RET_ERRNO | errno(libc::EPERM);
        for number in (0..1000).chain([1 << 30, (1 << 30) + 41, u32::MAX]) {
            for first in [0, 2, 8, 38, 40, 0x11, 0x1000_0000, 0x7e02_0000, u32::MAX] {
                let verdict = match profile.calls.get(&number) {
                    None if number > profile.last_known => Verdict::Fail(libc::ENOSYS),
                    None => Verdict::Fail(libc::EPERM),
                    Some(verdict) => *verdict,
                };
                let allowed = match verdict {
                    Verdict::Allow => true,
                    Verdict::Fail(_) => false,
                    Verdict::AllowUnlessFirstIs(values) => !values.contains(&first),
                    Verdict::AllowIfFirstIs(values) => values.contains(&first),
                    Verdict::AllowUnlessFirstHas(bits) => first & bits == 0,
                };
                let expected = match verdict {
                    _ if allowed => SECCOMP_RET_ALLOW,
                    Verdict::Fail(number) => SECCOMP_RET_ERRNO | errno(number),
                    _ => refused,
                };
                let found = interpret(&program, profile.architecture, number, first);
                assert_eq!(found, expected, "call {number} with {first}");
            }
        }
        // i386 numbers never reach the list.
        let found = interpret(&program, 0x4000_0003, 1, 0);
        assert_eq!(found, SECCOMP_RET_KILL_PROCESS);
    }

    #[test]
    fn namespaces_mounts_and_odd_sockets_are_refused() {
        let profile = profile();
        let program = compile(&profile);
        let call = |number: libc::c_long, first: u32| {
            let number = u32::try_from(number).unwrap();
            interpret(&program, profile.architecture, number, first)
        };
        for number in [
            libc::SYS_mount,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_bpf,
            libc::SYS_keyctl,
            libc::SYS_open_by_handle_at,
            libc::SYS_pivot_root,
            libc::SYS_userfaultfd,
            libc::SYS_io_uring_setup,
        ] {
            assert_ne!(call(number, 0), SECCOMP_RET_ALLOW, "call {number}");
        }
        assert_eq!(call(libc::SYS_socket, 2), SECCOMP_RET_ALLOW);
        assert_ne!(call(libc::SYS_socket, 40), SECCOMP_RET_ALLOW);
        let new_user = libc::CLONE_NEWUSER.cast_unsigned();
        assert_ne!(call(libc::SYS_clone, new_user), SECCOMP_RET_ALLOW);
        let no_such_call = SECCOMP_RET_ERRNO | errno(libc::ENOSYS);
        assert_eq!(call(libc::SYS_clone3, 0), no_such_call);
    }
}
