use serde::{Deserialize, Serialize};

/// Where the current (or last) instance of a workspace is. Names and order are the original's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Recorded; its image is being resolved.
    Preparing,
    /// An image is really being built.
    Building,
    /// Waits for a place to run.
    Pending,
    /// Its root file system is being made.
    Creating,
    /// Its content is being fetched, its supervisor and editor started.
    Initializing,
    /// Its editor answered.
    Running,
    /// Its runtime cannot be reached for now.
    Interrupted,
    /// Its processes are being ended and its content saved.
    Stopping,
    /// Nothing of it runs.
    Stopped,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 9] = [
        Self::Preparing,
        Self::Building,
        Self::Pending,
        Self::Creating,
        Self::Initializing,
        Self::Running,
        Self::Interrupted,
        Self::Stopping,
        Self::Stopped,
    ];

    /// Whether the same instance may go from this phase to `next`. Staying is always legal; a new instance starts at
    /// [`Phase::Preparing`] from [`Phase::Stopped`].
    pub fn can_become(self, next: Self) -> bool {
        use Phase::{
            Building, Creating, Initializing, Interrupted, Pending, Preparing, Running, Stopped,
            Stopping,
        };
        if self == next {
            return true;
        }
        match self {
            Preparing => matches!(
                next,
                Building | Pending | Creating | Initializing | Stopping | Stopped
            ),
            Building => matches!(next, Pending | Creating | Initializing | Stopping | Stopped),
            Pending => matches!(next, Creating | Initializing | Stopping | Stopped),
            Creating => matches!(
                next,
                Initializing | Running | Interrupted | Stopping | Stopped
            ),
            Initializing => matches!(next, Running | Interrupted | Stopping | Stopped),
            Running => matches!(next, Interrupted | Stopping | Stopped),
            Interrupted => matches!(next, Running | Stopping | Stopped),
            Stopping => matches!(next, Stopped),
            Stopped => matches!(next, Preparing),
        }
    }

    /// Lowercase name, as in records and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Building => "building",
            Self::Pending => "pending",
            Self::Creating => "creating",
            Self::Initializing => "initializing",
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }
}
