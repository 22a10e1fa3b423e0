use std::collections::BTreeMap;
use std::time::Duration;

use super::timeout::Policy;
use crate::clock::elapsed;
use crate::content::InitReport;
use crate::error::{Chain, Error, ErrorKind, Retry};
use crate::git::GitStatus;
use crate::ide::IdeStatus;
use crate::{InstanceId, Timestamp};

/// What an effect is about; at most one of a kind is under way for a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectKind {
    /// The image is made ready on this node.
    Image,
    /// The editor's package is made ready on this node.
    Editor,
    /// The content is opened, or fetched.
    Content,
    /// The instance is made to exist.
    Instance,
    /// The instance's processes are ended.
    Stop,
    /// The instance is removed.
    Remove,
    /// Git is asked about the content.
    Git,
    /// The node lets go of the content.
    Release,
    /// The content is removed.
    RemoveContent,
    /// The record is removed.
    Purge,
    /// An instance that should not exist is removed.
    RemoveStray(InstanceId),
}

impl EffectKind {
    /// Those of a start; they are given up when the start is.
    pub const PREPARATION: [Self; 3] = [Self::Image, Self::Editor, Self::Content];
}

/// What an effect brought, as far as decisions and people need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to tell.
    Done,
    /// The image: reference and digest, for people.
    Image(String),
    /// The editor that was chosen.
    Editor(IdeStatus),
    /// The content: what the initializer did; `None` when it was there already.
    Content(Option<InitReport>),
    /// What git says; `None` when there is no repository.
    Git(Option<GitStatus>),
}

/// Why an effect failed: an [`Error`] as plain data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectError {
    /// By meaning.
    pub kind: ErrorKind,
    /// Whether trying again can help.
    pub retry: Retry,
    /// For people, the causes included.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether it is about a full disk.
    pub disk_full: bool,
    /// Whether it is about a branch, tag or commit.
    pub about_revision: bool,
    /// Whether what answers is no git repository, or a damaged one.
    pub unusable_repository: bool,
}

impl From<&Error> for EffectError {
    fn from(error: &Error) -> Self {
        let has = |wanted: &str| error.context().any(|(key, _)| key == wanted);
        Self {
            kind: error.kind(),
            retry: error.retry(),
            message: Chain(error).to_string(),
            hint: error.hint().map(ToOwned::to_owned),
            disk_full: has("disk"),
            about_revision: has("reference") || has("branch") || has("commit") || has("tag"),
            unusable_repository: has("repository"),
        }
    }
}

/// How far an effect is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EffectState {
    /// Under way.
    Running {
        /// Since when.
        since: Timestamp,
        /// How often it was tried before.
        attempts: u32,
    },
    /// Done.
    Done {
        /// When it began.
        started_at: Timestamp,
        /// When it ended.
        ended_at: Timestamp,
        /// What it brought.
        outcome: Outcome,
    },
    /// Failed, for now or for good.
    Failed {
        /// When it began.
        started_at: Timestamp,
        /// When it ended.
        ended_at: Timestamp,
        /// How often it was tried.
        attempts: u32,
        /// Why.
        error: EffectError,
    },
}

/// What to do about an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not begun (or the memory of it died with a server): begin.
    Todo,
    /// Wait for its end.
    Running,
    /// Nothing.
    Done,
    /// Try again, at this time.
    RetryAt(Timestamp),
    /// Trying again does not help.
    Exhausted,
}

/// The effects of the current instance. Lives in memory only: what was under way when a server died counts as not begun,
/// which is safe because effects are idempotent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects(BTreeMap<EffectKind, EffectState>);

impl Effects {
    /// How far one is, if it was begun.
    pub fn get(&self, kind: EffectKind) -> Option<&EffectState> {
        self.0.get(&kind)
    }

    /// How often one was tried and failed.
    pub fn attempts(&self, kind: EffectKind) -> u32 {
        match self.0.get(&kind) {
            Some(EffectState::Failed { attempts, .. } | EffectState::Running { attempts, .. }) => {
                *attempts
            }
            Some(EffectState::Done { .. }) | None => 0,
        }
    }

    /// Notes that one began.
    pub fn begin(&mut self, kind: EffectKind, now: Timestamp) {
        let attempts = self.attempts(kind);
        self.0.insert(
            kind,
            EffectState::Running {
                since: now,
                attempts,
            },
        );
    }

    /// Notes how one ended.
    pub fn end(&mut self, kind: EffectKind, now: Timestamp, result: Result<Outcome, EffectError>) {
        let (started_at, attempts) = match self.0.get(&kind) {
            Some(EffectState::Running { since, attempts }) => (*since, *attempts),
            _ => (now, 0),
        };
        let state = match result {
            Ok(outcome) => EffectState::Done {
                started_at,
                ended_at: now,
                outcome,
            },
            Err(error) => EffectState::Failed {
                started_at,
                ended_at: now,
                attempts: attempts + 1,
                error,
            },
        };
        self.0.insert(kind, state);
    }

    /// Forgets one, as if it had not begun.
    pub fn forget(&mut self, kind: EffectKind) {
        self.0.remove(&kind);
    }

    /// Whether one is under way.
    pub fn is_running(&self, kind: EffectKind) -> bool {
        matches!(self.0.get(&kind), Some(EffectState::Running { .. }))
    }

    /// Whether any is under way.
    pub fn any_running(&self) -> bool {
        self.0
            .values()
            .any(|state| matches!(state, EffectState::Running { .. }))
    }

    /// What to do about one, if at most `limit` attempts are worth it.
    ///
    /// # Behavior
    /// The pause doubles with each attempt between [`Policy::backoff_first`] and [`Policy::backoff_most`]; an error that asks
    /// for a longer one gets it.
    pub fn verdict(&self, kind: EffectKind, limit: u32, policy: &Policy) -> Verdict {
        match self.0.get(&kind) {
            None => Verdict::Todo,
            Some(EffectState::Running { .. }) => Verdict::Running,
            Some(EffectState::Done { .. }) => Verdict::Done,
            Some(EffectState::Failed {
                ended_at,
                attempts,
                error,
                ..
            }) => {
                let pause = match error.retry {
                    Retry::Never => return Verdict::Exhausted,
                    _ if *attempts >= limit => return Verdict::Exhausted,
                    Retry::Backoff => policy.backoff(*attempts),
                    Retry::After(least) => least.max(policy.backoff(*attempts)),
                };
                Verdict::RetryAt(after(*ended_at, pause))
            }
        }
    }
}

impl EffectState {
    /// How long it took, once ended.
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Self::Running { .. } => None,
            Self::Done {
                started_at,
                ended_at,
                ..
            }
            | Self::Failed {
                started_at,
                ended_at,
                ..
            } => Some(elapsed(*started_at, *ended_at)),
        }
    }
}

/// `time` plus `by`, saturating at the end of time.
pub(super) fn after(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(retry: Retry) -> Result<Outcome, EffectError> {
        Err((&Error::unexpected("x").with_retry(retry)).into())
    }

    #[test]
    fn retries_back_off_and_end() {
        let policy = Policy::default();
        let now = Timestamp::UNIX_EPOCH;
        let mut effects = Effects::default();
        assert_eq!(
            effects.verdict(EffectKind::Image, 2, &policy),
            Verdict::Todo
        );
        effects.begin(EffectKind::Image, now);
        assert_eq!(
            effects.verdict(EffectKind::Image, 2, &policy),
            Verdict::Running
        );
        effects.end(EffectKind::Image, now, failed(Retry::Backoff));
        assert_eq!(
            effects.verdict(EffectKind::Image, 2, &policy),
            Verdict::RetryAt(after(now, policy.backoff(1)))
        );
        effects.begin(EffectKind::Image, now);
        effects.end(EffectKind::Image, now, failed(Retry::Backoff));
        assert_eq!(
            effects.verdict(EffectKind::Image, 2, &policy),
            Verdict::Exhausted
        );
    }

    #[test]
    fn what_can_never_succeed_is_not_tried_again() {
        let mut effects = Effects::default();
        effects.begin(EffectKind::Content, Timestamp::UNIX_EPOCH);
        effects.end(
            EffectKind::Content,
            Timestamp::UNIX_EPOCH,
            failed(Retry::Never),
        );
        assert_eq!(
            effects.verdict(EffectKind::Content, 9, &Policy::default()),
            Verdict::Exhausted
        );
    }
}
