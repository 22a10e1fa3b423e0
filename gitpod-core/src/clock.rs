//! Time as a dependency: nothing in the family reads the system's clock on its own.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

/// A point in time, UTC, with nanosecond resolution. Serialises as RFC 3339.
pub use jiff::Timestamp;

/// Tells the time.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The current time.
    ///
    /// # Behavior
    /// May go backwards when the machine's clock is set; callers must tolerate that.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that moves only when told to, for tests and simulation.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves the clock forward by `by`, saturating at the end of time.
    ///
    /// # Panics
    /// Never in practice: the lock is held for single assignments only.
    pub fn advance(&self, by: Duration) {
        let mut now = self
            .0
            .lock()
            .expect("because no holder of this lock can panic");
        *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self
            .0
            .lock()
            .expect("because no holder of this lock can panic")
    }
}

/// Time from `earlier` to `later`; zero if the clock went backwards in between.
pub fn elapsed(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or(Duration::ZERO)
}
