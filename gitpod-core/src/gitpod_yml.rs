//! `.gitpod.yml`: what a repository asks for.
//!
//! [`parse`] turns the file's text into a [`GitpodYml`] and a list of [`Problem`]s, each with line, column, the offending
//! text and, where one is near, the key or value that was probably meant. [`Mode::Strict`] gives the original's verdict (an
//! unknown key rejects the file); [`Mode::Lenient`] warns where the meaning is clear anyway and is what opening a workspace
//! uses.
//!
//! What the keys are and mean is in one table, which the checks follow and [`json_schema`] prints. A repository without the
//! file gets what [`infer`] makes of its other files.
//!
//! ```
//! use gitpod_core::gitpod_yml::{Mode, Situation, parse};
//!
//! let parsed = parse("tasks:\n  - init: make\n    comand: ./serve\n", Mode::Lenient);
//! assert_eq!(parsed.problems[0].to_string(), "line 3, column 5: `comand`: unknown key in tasks[0] (did you mean `command`?)");
//! let (config, warnings) = parsed.into_result(".gitpod.yml").unwrap();
//! assert_eq!(warnings.len(), 1);
//! assert_eq!(config.tasks(Situation::Fresh)[0].command, "{\nmake\n}");
//! ```

mod check;
mod compose;
mod infer;
mod location;
mod model;
mod parse;
mod schema;
mod yaml;

pub use crate::configuration::{Mode, Position, Problem, Severity};
pub use compose::Situation;
pub use infer::{Inferred, Listing, MAX_CONTENT, Reason, infer};
pub use model::{
    AdditionalRepository, CoreDump, Github, GitpodYml, Image, Jetbrains, JetbrainsPrebuilds,
    JetbrainsProduct, Port, PortRange, Task, Vscode, WarmUp,
};
pub use parse::{MAX_BYTES, Parsed, parse};
pub use schema::json::json_schema;
