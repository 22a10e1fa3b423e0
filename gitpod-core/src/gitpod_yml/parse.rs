use super::check::Check;
use super::model::GitpodYml;
use super::schema::judge::judge;
use super::schema::table::FILE;
use super::yaml::{self, Node, Place};
use crate::configuration::{self, Mode};

/// Longest file that is read.
pub const MAX_BYTES: usize = 1 << 20;

/// What a `.gitpod.yml` says and what is wrong with it.
///
/// In strict mode the verdict is the original's: anything its schema does not know rejects the file. In lenient mode unknown
/// keys, empty values and texts without their quotes are warnings.
pub type Parsed = configuration::Parsed<GitpodYml>;

/// Reads a `.gitpod.yml`.
///
/// # Behavior
/// Never fails: what is wrong is in [`Parsed::problems`]. Cost grows linearly with the text; longer texts than
/// [`MAX_BYTES`], deep nesting and repeating aliases are rejected.
pub fn parse(text: &str, mode: Mode) -> Parsed {
    let mut check = Check::new(mode, text);
    let config = read(&mut check, text);
    Parsed::new(config, check.finish())
}

fn read(check: &mut Check<'_>, text: &str) -> GitpodYml {
    if text.len() > MAX_BYTES {
        let message = format!("the file is longer than {MAX_BYTES} bytes");
        check.error(Place::default(), "", message);
        return GitpodYml::default();
    }
    match yaml::read(text) {
        Ok(file) => {
            let file = file.unwrap_or_else(Node::default);
            judge(check, &file, &FILE);
            GitpodYml::read(check, &file)
        }
        Err(fault) => {
            check.unreadable(
                fault.at,
                format!("not YAML that can be read: {}", fault.message),
            );
            GitpodYml::default()
        }
    }
}
