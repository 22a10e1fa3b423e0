use std::fs;

use rustix::process::Pid;

/// A process as `/proc` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) pid: Pid,
    pub(crate) parent: i32,
    pub(crate) session: i32,
    /// Ended, but not reaped yet.
    pub(crate) zombie: bool,
    /// Time on the CPU, in clock ticks.
    pub(crate) ticks: u64,
}

/// Every process that `/proc` shows.
pub(crate) fn snapshot() -> Vec<Member> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|pid| parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?))
        .collect()
}

/// The processes below `root`, without itself.
pub(crate) fn descendants(all: &[Member], root: Pid) -> Vec<Member> {
    let mut found: Vec<Member> = Vec::new();
    let mut parents = vec![root.as_raw_nonzero().get()];
    while let Some(parent) = parents.pop() {
        for member in all.iter().filter(|member| member.parent == parent) {
            parents.push(member.pid.as_raw_nonzero().get());
            found.push(*member);
        }
    }
    found
}

/// The processes of the session that `leader` leads or led.
pub(crate) fn session_members(all: &[Member], leader: Pid) -> Vec<Member> {
    let session = leader.as_raw_nonzero().get();
    all.iter()
        .filter(|member| member.session == session)
        .copied()
        .collect()
}

/// The command name in `stat` may hold anything, spaces and parentheses too; only its last parenthesis is to be trusted.
fn parse_stat(stat: &[u8]) -> Option<Member> {
    let text = String::from_utf8_lossy(stat);
    let (pid, rest) = text.split_once(' ')?;
    let (_, fields) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<i64>().ok();
    Some(Member {
        pid: Pid::from_raw(pid.parse().ok()?)?,
        parent: i32::try_from(number(1)?).ok()?,
        session: i32::try_from(number(3)?).ok()?,
        zombie: matches!(fields.first(), Some(&("Z" | "X"))),
        ticks: u64::try_from(number(11)?.checked_add(number(12)?)?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_command_names_do_not_shift_the_fields() {
        let stat = b"42 (a) Z 1 (b) S 7 42 40 34816 42 4194304 1 0 0 0 12 3 0 0 20 0 1 0 99 1 1\n";
        let member = parse_stat(stat).unwrap();
        assert_eq!(member.pid, Pid::from_raw(42).unwrap());
        assert_eq!((member.parent, member.session, member.ticks), (7, 40, 15));
        assert!(!member.zombie);
    }

    #[test]
    fn descendants_are_found_over_generations() {
        let member = |pid, parent| Member {
            pid: Pid::from_raw(pid).unwrap(),
            parent,
            session: 1,
            zombie: false,
            ticks: 0,
        };
        let all = [member(1, 0), member(2, 1), member(3, 2), member(4, 9)];
        let mut below: Vec<i32> = descendants(&all, Pid::from_raw(1).unwrap())
            .iter()
            .map(|found| found.pid.as_raw_nonzero().get())
            .collect();
        below.sort_unstable();
        assert_eq!(below, [2, 3]);
    }
}
