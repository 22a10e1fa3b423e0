use gitpod_content::{DiskUsage, Room};

use crate::size::in_words;

/// From here on its user is told.
const FILLING: u64 = 80;
/// From here on it is urgent.
const NEARLY_FULL: u64 = 95;

/// The disk of a workspace, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Disk {
    /// `1.2 of 30 GiB used`; empty when it has none of its own, or does not run.
    pub(crate) used: String,
    /// What its user should know.
    pub(crate) notices: Vec<String>,
}

impl Disk {
    pub(crate) fn of(usage: Option<DiskUsage>, room: Option<Room>) -> Self {
        let mut disk = Self::default();
        if let Some(usage) = usage {
            let size = in_words(usage.size_bytes);
            let percent = usage.percent();
            disk.used = format!("{percent}\u{a0}% of {size} used");
            let advice = match percent {
                NEARLY_FULL.. => {
                    "what is written now may fail. Delete files that can be made again, or commit and push, and create a workspace of a larger class"
                }
                FILLING.. => "delete files that can be made again before it is full",
                _ => "",
            };
            if !advice.is_empty() {
                disk.notices
                    .push(format!("disk {percent}\u{a0}% of {size} used: {advice}"));
            }
        }
        if let Some(room) = room.filter(Room::is_short) {
            disk.notices.push(format!(
                "the server's data disk is nearly full ({} left): no workspace can be started, and those that take most may be stopped. Delete workspaces that nobody needs",
                in_words(room.free_bytes)
            ));
        }
        disk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(percent: u64) -> DiskUsage {
        DiskUsage {
            used_bytes: percent << 30,
            size_bytes: 100 << 30,
            kept_bytes: 0,
        }
    }

    #[test]
    fn tells_at_80_and_at_95_percent() {
        assert_eq!(Disk::of(None, None), Disk::default());
        let fine = Disk::of(Some(usage(79)), None);
        assert_eq!(fine.used, "79\u{a0}% of 100 GiB used");
        assert!(fine.notices.is_empty());
        let filling = Disk::of(Some(usage(80)), None).notices;
        assert!(
            filling[0].starts_with("disk 80\u{a0}% of 100 GiB used: delete"),
            "{filling:?}"
        );
        let nearly_full = Disk::of(Some(usage(95)), None).notices;
        assert!(nearly_full[0].contains("may fail"), "{nearly_full:?}");
    }

    #[test]
    fn tells_when_the_server_has_no_room() {
        let room = |free_bytes| {
            Some(Room {
                free_bytes,
                reserve_bytes: 1 << 30,
            })
        };
        assert_eq!(Disk::of(None, room(1 << 30)), Disk::default());
        let notices = Disk::of(None, room(100 << 20)).notices;
        assert!(notices[0].contains("100 MiB left"), "{notices:?}");
    }
}
