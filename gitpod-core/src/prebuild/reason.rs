use std::fmt;

use serde::{Deserialize, Serialize};

/// Each reason: its code, and its sentence.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal: $text:literal;)+) => {
        /// Why a prebuild is made or not, used or not. Serialises as its [code](Self::code), prints as a sentence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $code)] $name,)+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// For programs; it never changes.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

reasons! {
    /// No configuration in the repository.
    NoConfiguration = "no-gitpod-config-in-repo": "the repository has no .gitpod.yml";
    /// No task with anything to prebuild.
    NoTasks = "no-tasks-in-gitpod-config": "no task of .gitpod.yml has `before`, `init` or `prebuild`";
    /// The project does not want prebuilds.
    NotEnabled = "prebuilds-not-enabled": "prebuilds are switched off in the project's settings";
    /// The project is prebuilt when somebody works on it.
    TriggerIsActivity = "trigger-is-activity": "the project is prebuilt when somebody opens a workspace, not at each push";
    /// The project is prebuilt at pushes.
    TriggerIsWebhook = "trigger-is-webhook": "the project is prebuilt at each push, not when somebody opens a workspace";
    /// Strangers' commands do not get the project's secrets.
    FromFork = "pull-request-from-fork": "the pull request comes from a fork, whose commands must not see the project's secrets";
    /// Nothing is left to prebuild.
    BranchDeleted = "branch-deleted": "the branch was deleted";
    /// A rule cannot be asked.
    BranchUnknown = "branch-name-missing": "nobody knows which branch the commit is on";
    /// Every branch is wanted.
    AllBranches = "all-branches-selected": "every branch of the project is prebuilt";
    /// It is the default branch.
    DefaultBranch = "default-branch-matched": "it is the default branch";
    /// It is not.
    NotDefaultBranch = "default-branch-unmatched": "only the default branch is prebuilt";
    /// A pattern fits.
    BranchMatched = "branch-matched": "the branch fits a pattern of the project's settings";
    /// None does.
    BranchUnmatched = "branch-unmatched": "the branch fits no pattern of the project's settings";
    /// A person asked.
    AskedFor = "asked-for": "somebody asked for it";

    /// The user may do nothing.
    UserBlocked = "user-blocked": "the user is blocked";
    /// There is no budget.
    SpendingLimit = "spending-limit-reached": "the organization's spending limit is reached";
    /// It is being made.
    AlreadyRunning = "already-running": "a prebuild of this commit is being made";
    /// It is there.
    AlreadyBuilt = "already-built": "a prebuild of this commit exists";
    /// One is near enough.
    WithinInterval = "within-interval": "a prebuild of a commit shortly before exists, and the project's interval is not over";
    /// The event is old news.
    Superseded = "superseded": "the branch has a newer commit already";
    /// Nobody starts from such a commit.
    CommitTooOld = "commit-too-old": "the commit is too old to be worth a prebuild";
    /// Nobody works here.
    ProjectInactive = "project-inactive": "nobody has started a workspace of the project for a while";
    /// Too many.
    RateLimited = "rate-limited": "the project has had too many prebuilds within a short time";
    /// Nothing speaks against it.
    Admitted = "admitted": "nothing speaks against it";

    /// Its commit is the wanted one.
    Exact = "exact": "it is of this very commit";
    /// Its commit is an ancestor of the wanted one.
    Ancestor = "ancestor": "it is of an earlier commit; `init` runs again on top of it";
    /// It was asked for by its id.
    Forced = "asked-for-by-id": "the link names it";
    /// There is none that fits.
    NoneFits = "none-fits": "no prebuild fits";
    /// It is not there.
    Unknown = "unknown-prebuild": "the project has no such prebuild";
    /// It is not ready.
    Unfinished = "unfinished": "it is not ready yet";
    /// It is no good.
    Failed = "failed": "it failed, was aborted, or took too long";
    /// Its content is gone.
    Collected = "content-deleted": "its content was deleted, as nobody used it for a while";
    /// Other commands.
    OtherTasks = "different-tasks": "other commands made it";
    /// Another environment.
    OtherEnvironment = "different-environment": "its commands had other variables";
    /// Another image.
    OtherImage = "different-image": "it was made with another image";
    /// Other places.
    OtherLocation = "different-checkout-location": "its repository is in another directory";
    /// Other repositories.
    OtherRepositories = "different-repositories": "it has other repositories beside the main one";
    /// Its commit is none of the wanted one's ancestors.
    NotAnAncestor = "not-an-ancestor": "its commit is not among the last ones before this commit";
    /// The same, in an additional repository.
    RepositoryNotAnAncestor = "additional-repository-not-an-ancestor": "in another of its repositories its commit is not among the last ones";
    /// Its commit is too far away.
    TooFar = "too-far": "too many commits lie between";

    /// Made from an earlier one.
    FromAncestor = "incremental": "it is made from the prebuild of an earlier commit";
    /// Incremental prebuilds are switched off.
    IncrementalOff = "incremental-off": "incremental prebuilds are switched off";
    /// A task has a command that must run on a fresh clone.
    HasPrebuildCommand = "has-prebuild-command": "a task has a `prebuild` command, which runs on fresh clones only";
    /// Its tasks failed.
    TasksFailed = "tasks-failed": "tasks of it failed";
    /// Enough steps.
    ChainTooLong = "chain-too-long": "enough prebuilds were made on top of each other; this one is made in full";
    /// Enough time.
    ChainTooOld = "chain-too-old": "the last full prebuild is long ago; this one is made in full";
    /// Nobody knows what changed.
    ChangesUnknown = "changes-unknown": "nobody knows which files changed in between";
    /// Too much changed.
    TooMuchChanged = "too-much-changed": "so much changed that starting anew is as fast";
    /// A file changed that decides what a checkout is.
    CheckoutChanged = "checkout-changed": "`.gitmodules` or `.gitattributes` changed";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
