use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Between an end and the next start, at first.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Ends that are forgotten after this.
const WINDOW: Duration = Duration::from_mins(5);
/// This many ends within the window are no accident.
const TOO_MANY: usize = 3;
/// More need not be remembered: the pauses have long stopped to grow.
const REMEMBERED: usize = 64;

/// Ends of an editor after it was ready, in the recent past.
#[derive(Debug, Default)]
pub(super) struct Crashes(VecDeque<Instant>);

impl Crashes {
    /// It has ended; tells how long to wait before it is started again. Doubles with each end in the window.
    pub(super) fn note(&mut self, now: Instant) -> Duration {
        self.0
            .retain(|at| now.saturating_duration_since(*at) < WINDOW);
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(now);
        let doubled = u32::try_from(self.0.len() - 1)
            .ok()
            .and_then(|times| 1_u32.checked_shl(times))
            .unwrap_or(u32::MAX);
        FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)
    }

    /// How often it ended, for people, if that is too often.
    pub(super) fn too_often(&self) -> Option<String> {
        let times = self.0.len();
        let minutes = WINDOW.as_secs() / 60;
        (times >= TOO_MANY).then(|| format!("{times} times within {minutes} minutes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_in_a_row_are_too_many_and_are_forgotten_in_time() {
        let mut crashes = Crashes::default();
        let mut now = Instant::now();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            pauses.push(crashes.note(now).as_secs());
            now += Duration::from_secs(2);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(
            crashes.too_often().as_deref(),
            Some("8 times within 5 minutes")
        );
        now += WINDOW;
        assert_eq!(crashes.note(now), FIRST_PAUSE);
        assert_eq!(crashes.too_often(), None);
    }

    #[test]
    fn an_end_now_and_then_is_no_trouble() {
        let mut crashes = Crashes::default();
        let mut now = Instant::now();
        for _ in 0..10 {
            crashes.note(now);
            assert_eq!(crashes.too_often(), None);
            now += WINDOW / 2;
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut crashes = Crashes::default();
        let now = Instant::now();
        for _ in 0..1000 {
            assert!(crashes.note(now) <= LONGEST_PAUSE);
        }
        assert_eq!(crashes.0.len(), REMEMBERED);
    }
}
