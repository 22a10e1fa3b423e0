//! The user's global git configuration.

use std::fs;
use std::io;
use std::path::Path;

use super::account::Account;

/// Writes `.gitconfig` into the user's home, unless the image or the user brought one.
///
/// # Behavior
/// An existing file is left alone: it may be the image's own. Values cannot break out of their lines.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn ensure(account: &Account, name: Option<&str>, email: Option<&str>) -> io::Result<()> {
    let path = account.home.join(".gitconfig");
    if path.exists() {
        return Ok(());
    }
    fs::write(&path, text(name, email))?;
    give(&path, account)
}

fn give(path: &Path, account: &Account) -> io::Result<()> {
    std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid))
}

fn text(name: Option<&str>, email: Option<&str>) -> String {
    let mut text = String::from("[push]\n\tdefault = simple\n[safe]\n\tdirectory = *\n");
    let identity = [("name", name), ("email", email)];
    if identity.iter().any(|(_, value)| value.is_some()) {
        text.push_str("[user]\n");
    }
    for (key, value) in identity {
        if let Some(value) = value {
            text.push_str(&["\t", key, " = ", &quote(value), "\n"].concat());
        }
    }
    text
}

/// As git's configuration syntax wants it: in quotes, specials escaped, control characters gone.
fn quote(value: &str) -> String {
    let mut quoted = String::from("\"");
    for character in value.chars().filter(|character| !character.is_control()) {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_in_their_lines() {
        let text = text(Some("A \"B\"\n[core]\n\tpager = evil"), Some("a@b.example"));
        assert!(
            text.contains("\tname = \"A \\\"B\\\"[core]pager = evil\"\n"),
            "{text}"
        );
        assert!(text.contains("\temail = \"a@b.example\"\n"));
    }
}
