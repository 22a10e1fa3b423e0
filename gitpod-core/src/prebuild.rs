//! Prebuilds: when one is made, what it starts from, and which one a workspace starts from. All pure; each answer has a
//! [`Reason`] with a code for programs and a sentence for people.
//!
//! 1. [`precondition`]: does the project want this event prebuilt at all (settings, configuration, branch rule)?
//! 2. [`admit`]: does anything speak against it now (it exists, one is near enough, too many, nobody works here)?
//! 3. [`plan`]: from what is it made, an earlier prebuild or nothing?
//! 4. [`select`]: which prebuild does a workspace start from?
//!
//! # What fits
//!
//! Content that commands made is a function of the commit and of the [`Recipe`]: the commands, their environment, the image,
//! where the repositories are checked out. A prebuild fits a workspace if its recipe is equal and its commit is the wanted one
//! (*exact*: nothing runs but `before` and `command`), or an ancestor of it not too far away (*ancestor*: git moves to the wanted
//! commit, and `init` runs again on top, which then finds most of its work done). The nearest ancestor wins.
//!
//! # Incremental prebuilds
//!
//! The original makes each prebuild in full, though the workspaces that start from them do not: there `init` runs again on
//! the content of an ancestor. [`plan`] lets a prebuild of commit B do the same: it restores the snapshot of A, checks out B
//! with `--force`, and runs `before && init`. The snapshot of B then holds only what differs, and is ready in the time of the
//! difference. That is done only when it is safe, which is when all of this holds:
//!
//! * **A is an ancestor of B**, in the main and in each additional repository: a history that was rewritten starts anew.
//! * **The recipes are equal**, image included: tools never work on what other tools made.
//! * **A succeeded**, all tasks of it; half of a build is no foundation.
//! * **No task has a `prebuild` command.** That `init` runs on top of older content is part of its contract; `prebuild` runs
//!   once, on a fresh clone, and may rely on that.
//! * **What changed between A and B is known and harmless**: no `.gitmodules` and no `.gitattributes`, after which a checkout
//!   over old content is not what a clone would give, and not so many files that starting anew is as fast.
//! * **The chain is short and young**: after [`Incremental::chain`] steps, or [`Incremental::age`] after its last full build,
//!   comes a full one. That bounds what incremental builds cannot undo: leftovers of deleted sources, caches that only grow,
//!   dependencies that a lock file does not pin.
//! * **Nobody switched it off** ([`Incremental::enabled`]).
//!
//! Files that A tracks and B does not are removed by the checkout; what git ignores stays, as it does in the working copy of a
//! person who pulls. If the tasks of an incremental prebuild fail, [`retry_in_full`] says to try once from nothing before
//! anybody is told: a leftover must never be the reason for a failure.

mod admit;
mod branch;
mod fit;
mod history;
mod incremental;
mod precondition;
mod reason;
mod recipe;
mod record;
mod select;
mod settings;

pub use admit::{Admission, Limits, Request, Standing, admit};
pub use branch::{BranchPatterns, BranchRule};
pub use history::{Histories, History, MAX_COMMITS};
pub use incremental::{Changes, Incremental, Plan, plan, retry_in_full};
pub use precondition::{Configuration, Event, Verdict, precondition};
pub use reason::Reason;
pub use recipe::{Commands, Recipe};
pub use record::{Prebuild, PrebuildState, Revision, Target};
pub use select::{Choice, Selection, Wanted, select};
pub use settings::{PrebuildSettings, Trigger};
