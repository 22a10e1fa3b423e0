//! Keeps what tasks wrote in files of the workspace, so that it can be read when nothing runs any more.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tracing::warn;

use super::set::Tasks;
use crate::supervisor::account::Account;
use crate::supervisor::terminal::Session;

/// What an instance that is killed without warning may lose.
const INTERVAL: Duration = Duration::from_secs(15);

/// Where the output of tasks is kept, and as whose.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) directory: PathBuf,
    pub(crate) account: Account,
}

/// Writes down what is new, again and again. Never returns.
pub(crate) async fn follow(tasks: Arc<Tasks>, place: Place) {
    loop {
        sleep(INTERVAL).await;
        keep(&tasks, &place);
    }
}

/// Writes down what is new. Trouble is noted and lived without: output is a convenience.
pub(crate) fn keep(tasks: &Tasks, place: &Place) {
    for (id, session, kept) in tasks.sessions() {
        let end = session.end();
        // Ids are the platform's numbers; anything else is no name for a file.
        if end == kept || id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        match write(place, &id, &session) {
            Ok(()) => tasks.mark_kept(&id, end),
            Err(error) => warn!(%error, task = id, "cannot keep the output of a task"),
        }
    }
}

/// Whole or not at all.
fn write(place: &Place, id: &str, session: &Session) -> io::Result<()> {
    let Place { directory, account } = place;
    if fs::create_dir(directory).is_ok() {
        own(directory, account)?;
    }
    let new = directory.join(format!(".task-log-{id}"));
    // What somebody put there is not written through.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::write(&new, session.output())?;
    own(&new, account)?;
    fs::rename(&new, directory.join(format!("task-log-{id}")))
}

fn own(path: &Path, account: &Account) -> io::Result<()> {
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::lchown(path, Some(account.uid), Some(account.gid))?;
    }
    Ok(())
}
