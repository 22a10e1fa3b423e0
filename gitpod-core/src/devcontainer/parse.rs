use super::check::Check;
use super::model::Devcontainer;
use super::tree;
use crate::configuration::{self, Mode, Severity};

/// Longest file that is read.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting; the specification needs six levels, settings of editors some more.
pub const MAX_DEPTH: usize = 32;
/// Most values.
pub const MAX_VALUES: usize = 10_000;

/// What a `devcontainer.json` says and what is wrong with it.
pub type Parsed = configuration::Parsed<Devcontainer>;

/// Reads a `devcontainer.json`.
///
/// # Behavior
/// Never fails: what is wrong is in [`Parsed::problems`]. A value of the wrong type rejects the file; a property that the
/// specification does not know does so in strict mode. Cost grows linearly with the text; texts longer than [`MAX_BYTES`],
/// nesting deeper than [`MAX_DEPTH`] and more values than [`MAX_VALUES`] are rejected.
pub fn parse(text: &str, mode: Mode) -> Parsed {
    let mut check = Check::new(mode);
    let config = match tree::read(text) {
        Ok((file, odd)) => {
            for fault in odd {
                check.fault(fault, Severity::Warning);
            }
            Devcontainer::read(&mut check, &file)
        }
        Err(fault) => {
            check.fault(fault, Severity::Error);
            Devcontainer::default()
        }
    };
    Parsed::new(config, check.finish())
}
