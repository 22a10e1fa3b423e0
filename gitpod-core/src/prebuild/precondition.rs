use super::{PrebuildSettings, Reason, Trigger};
use crate::gitpod_yml::GitpodYml;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Commits came to a branch.
    Push {
        /// Which; `None` when the event does not say.
        branch: Option<&'a str>,
        /// Whether the branch is gone.
        deleted: bool,
    },
    /// A pull request was opened, or got commits.
    PullRequest {
        /// The branch that it would merge.
        branch: Option<&'a str>,
        /// Whether that is in another repository.
        from_fork: bool,
    },
    /// Somebody opened a workspace.
    Activity {
        /// On this branch.
        branch: Option<&'a str>,
    },
    /// Somebody asked for a prebuild.
    Manual,
}

/// What the commit says of its configuration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Configuration<'a> {
    /// Nothing; what was inferred is not worth a prebuild.
    Missing,
    /// Its `.gitpod.yml`.
    File(&'a GitpodYml),
}

/// Whether to go on, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether to go on.
    pub go: bool,
    /// Why.
    pub reason: Reason,
}

/// Whether the project wants what `event` brought prebuilt.
///
/// # Behavior
/// A person who asks is asked neither for a trigger nor for a branch rule.
pub fn precondition(
    settings: &PrebuildSettings,
    configuration: Configuration<'_>,
    event: Event<'_>,
    default_branch: Option<&str>,
) -> Verdict {
    let no = |reason| Verdict { go: false, reason };
    if !settings.enabled {
        return no(Reason::NotEnabled);
    }
    let branch = match event {
        Event::Push { deleted: true, .. } => return no(Reason::BranchDeleted),
        Event::PullRequest {
            from_fork: true, ..
        } => return no(Reason::FromFork),
        Event::Push { branch, .. } | Event::PullRequest { branch, .. } => {
            if settings.trigger == Trigger::ActivityBased {
                return no(Reason::TriggerIsActivity);
            }
            Some(branch)
        }
        Event::Activity { branch } => {
            if settings.trigger == Trigger::WebhookBased {
                return no(Reason::TriggerIsWebhook);
            }
            Some(branch)
        }
        Event::Manual => None,
    };
    let Configuration::File(config) = configuration else {
        return no(Reason::NoConfiguration);
    };
    if !has_work(config) {
        return no(Reason::NoTasks);
    }
    let (go, reason) = match branch {
        Some(branch) => settings.branches.admits(branch, default_branch),
        None => (true, Reason::AskedFor),
    };
    Verdict { go, reason }
}

fn has_work(config: &GitpodYml) -> bool {
    let mut commands = config
        .tasks
        .iter()
        .flat_map(|task| [&task.before, &task.init, &task.prebuild])
        .flatten();
    commands.any(|command| !command.trim().is_empty())
}
