//! `devcontainer.json`: what a repository asks for in the words of the published specification.
//!
//! [`parse`] turns the file's text (JSON with comments and trailing commas) into a [`Devcontainer`] and a list of problems with
//! line and column. [`Devcontainer::apply`] says what it comes to here: the same configuration that a `.gitpod.yml` gives, and a
//! list of [`Notice`]s of what is not done as the file asks. [`locate`] says which of several files counts.
//!
//! ```
//! use gitpod_core::devcontainer::{Mode, Surroundings, parse};
//! use gitpod_core::gitpod_yml::Situation;
//!
//! let text = r#"{
//!     // what a person would write
//!     "image": "docker.io/library/debian:12",
//!     "postCreateCommand": "make setup",
//!     "initializeCommand": "id > /tmp/pwned",
//! }"#;
//! let (file, _) = parse(text, Mode::Lenient).into_result(".devcontainer.json").unwrap();
//! let applied = file.apply(&Surroundings::new(".devcontainer.json", "repo", "some-workspace"));
//! assert_eq!(applied.config.tasks(Situation::Fresh)[0].command, "{\nsh -c 'make setup'\n}");
//! assert_eq!(applied.config.tasks(Situation::Restart)[0].command, "");
//! assert_eq!(
//!     applied.notices[0].to_string(),
//!     "line 5, column 5: `initializeCommand` is refused: nothing of a repository runs on the host; it is not run at all",
//! );
//! ```

mod apply;
mod check;
mod feature_order;
mod locate;
mod model;
mod notice;
mod parse;
mod places;
mod requirements;
mod shell;
mod tree;
mod variables;

pub use crate::configuration::{Mode, Position, Problem, Severity};
pub use apply::{Applied, Surroundings};
pub use locate::{Location, USUAL, is_place, locate};
pub use model::{
    AutoForward, Build, Command, Customizations, Devcontainer, ForwardPort, Gpu, HostRequirements,
    JetbrainsCustomization, MountEntry, MountParts, OneOrMany, PortAttributes, PublishedPort,
    RecommendedSecret, Size, Step, VscodeCustomization,
};
pub use notice::{Notice, NoticeKind};
pub use parse::{MAX_BYTES, MAX_DEPTH, MAX_VALUES, Parsed, parse};
pub use requirements::Unmet;
