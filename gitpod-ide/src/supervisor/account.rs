//! Users of the instance, read from its `/etc/passwd` without the system's resolver (this binary is static).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gitpod_core::instance::RunAs;

/// Name of the user of a workspace.
const USER: &str = "gitpod";

/// Whom a process runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) home: PathBuf,
}

impl Account {
    /// The instance's root.
    pub(crate) fn root() -> Self {
        Self {
            name: String::from("root"),
            uid: 0,
            gid: 0,
            home: PathBuf::from("/root"),
        }
    }
}

/// The user of the workspace as it is where nothing else is known.
pub(crate) fn fallback(home: &Path) -> Account {
    let RunAs { uid, gid } = RunAs::GITPOD;
    Account {
        name: String::from(USER),
        uid,
        gid,
        home: home.to_path_buf(),
    }
}

/// Makes sure that the user of the workspace exists, with a home directory of its own.
///
/// # Errors
/// `/etc/passwd` or `/etc/group` cannot be completed, or the home directory cannot be made.
pub(crate) fn ensure(etc: &Path, default_home: &Path) -> io::Result<Account> {
    let RunAs { uid, gid } = RunAs::GITPOD;
    let passwd = etc.join("passwd");
    let known = fs::read_to_string(&passwd).unwrap_or_default();
    let account = find(&known, uid);
    let missing = account.is_none();
    let account = account.unwrap_or_else(|| fallback(default_home));
    if missing {
        let shell = super::config::default_shell();
        let home = account.home.display();
        append(
            &passwd,
            &known,
            &format!("{USER}:x:{uid}:{gid}:Gitpod:{home}:{}\n", shell.display()),
        )?;
        let group = etc.join("group");
        let groups = fs::read_to_string(&group).unwrap_or_default();
        if !groups
            .lines()
            .any(|line| line.split(':').nth(2) == Some(&gid.to_string()))
        {
            append(&group, &groups, &format!("{USER}:x:{gid}:\n"))?;
        }
    }
    make_home(&account)?;
    Ok(account)
}

/// The account of `uid` in the text of a `passwd` file.
fn find(passwd: &str, uid: u32) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let found: u32 = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        let home = fields.nth(1)?;
        (found == uid && home.starts_with('/')).then(|| Account {
            name: name.to_owned(),
            uid,
            gid,
            home: PathBuf::from(home),
        })
    })
}

/// Appends a line through a new file, so that no reader ever sees half of it.
fn append(path: &Path, known: &str, line: &str) -> io::Result<()> {
    let mut text = known.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
    let fresh = path.with_extension("gitpod-new");
    fs::write(&fresh, text)?;
    // A file that is a mount of its own cannot be replaced, but it can be written.
    fs::rename(&fresh, path).or_else(|_| {
        fs::copy(&fresh, path)?;
        fs::remove_file(&fresh)
    })
}

fn make_home(account: &Account) -> io::Result<()> {
    fs::create_dir_all(&account.home)?;
    std::os::unix::fs::chown(&account.home, Some(account.uid), Some(account.gid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_user_is_kept() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\ndev:x:33333:33333:,,,:/home/dev:/bin/zsh\n";
        let account = find(passwd, 33333).unwrap();
        assert_eq!(
            (account.name.as_str(), account.home.as_path()),
            ("dev", Path::new("/home/dev"))
        );
        assert_eq!(find(passwd, 1), None);
        assert_eq!(find("gitpod:x:33333", 33333), None);
    }
}
