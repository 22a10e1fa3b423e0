use super::super::{Facts, InstanceStatus};

/// Counts processes that were killed for memory, and keeps one warning about them up to date.
pub(super) fn note_kills(instance: &mut InstanceStatus, facts: &Facts) {
    // A runtime that is asked too early or too late says nothing; what was counted stays.
    if facts.memory_kills <= instance.memory_kills {
        return;
    }
    let old = warning(instance.memory_kills, facts.memory_limit);
    instance.warnings.retain(|warning| *warning != old);
    instance.memory_kills = facts.memory_kills;
    instance
        .warnings
        .insert(0, warning(facts.memory_kills, facts.memory_limit));
}

fn warning(kills: u64, limit: Option<u64>) -> String {
    let who = match kills {
        1 => String::from("a process was"),
        kills => format!("{kills} processes were"),
    };
    format!(
        "{who} killed for memory{}: run less at once, or stop the workspace and start it with a larger class; the workspace \
         itself and its files are not affected",
        of_limit(limit)
    )
}

/// ` (limit 8 GiB)`, or nothing where none is known.
pub(super) fn of_limit(limit: Option<u64>) -> String {
    limit.map_or_else(String::new, |bytes| format!(" (limit {})", in_words(bytes)))
}

fn in_words(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    UNITS
        .into_iter()
        .find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(
            || format!("{bytes} bytes"),
            |(name, unit)| format!("{} {name}", bytes / unit),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InstanceId, Secret, Timestamp};

    #[test]
    fn one_warning_tells_all_kills() {
        let now = Timestamp::UNIX_EPOCH;
        let mut instance = InstanceStatus::new(InstanceId::random(), Secret::from("t"), now);
        instance.warnings.push(String::from("another"));
        let mut facts = Facts::new(now);
        facts.memory_limit = Some(64 << 20);
        for kills in [0, 1, 1, 3, 0] {
            facts.memory_kills = kills;
            note_kills(&mut instance, &facts);
        }
        assert_eq!(instance.memory_kills, 3);
        assert_eq!(instance.warnings.len(), 2, "{:?}", instance.warnings);
        let told = &instance.warnings[0];
        assert!(
            told.contains("3 processes were killed for memory (limit 64 MiB)"),
            "{told}"
        );
    }

    #[test]
    fn limits_are_told_in_round_numbers() {
        assert_eq!(in_words(8 << 30), "8 GiB");
        assert_eq!(in_words(1536 << 20), "1536 MiB");
        assert_eq!(in_words(100_000_000), "100000000 bytes");
    }
}
