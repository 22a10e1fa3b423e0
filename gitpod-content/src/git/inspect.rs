use gitpod_core::Result;
use gitpod_core::git::porcelain::{parse_log, parse_status};
use gitpod_core::git::{GitStatus, MAX_LISTED};
use gitpod_core::instance::RunAs;

use super::failure::{Attempt, failure};
use super::tool::{Git, Session};
use crate::Volume;
use crate::beneath::{self, blocking, check_location};

/// A listing beyond this is asked for in a shorter form.
const MAX_LISTING: usize = 32 << 20;

const ATTEMPT: Attempt<'_> = Attempt {
    what: "read the repository's state",
    remote: None,
    reference: None,
};

/// What git says about the repository at `location`; `None` when there is none.
///
/// The repository's configuration is its user's: settings that would run a program are overridden, and the jobs have no
/// network and write nothing that stays.
pub(super) async fn inspect(
    git: &Git,
    volume: &Volume,
    location: &str,
) -> Result<Option<GitStatus>> {
    check_location(location)?;
    let marker = format!("{location}/.git");
    let there = blocking(
        "cannot look into the volume",
        volume.upper.clone(),
        move |upper| beneath::exists(upper, &marker),
    )
    .await?;
    if !there {
        return Ok(None);
    }
    let mut session = git.offline().await?;
    let room = session.scratch.shadow(volume, RunAs::GITPOD).await?;
    session.enter(&room);
    session.set_max_output(MAX_LISTING);
    let tree = room.see(location);
    let neutral = neutral(&session, &tree).await?;
    // One after the other: two overlays at once over one upper tear its working directory.
    let mut status = status(&session, &neutral).await?;
    let log = unpushed(&session, &neutral).await?;
    status.total_unpushed_commits = match log.len() {
        MAX_LISTED => count_unpushed(&session, &neutral).await?,
        fewer => fewer as u64,
    };
    status.unpushed_commits = log;
    Ok(Some(status))
}

/// The start of each command: where, and with every program of the repository's own configuration switched off.
async fn neutral(session: &Session<'_>, tree: &str) -> Result<Vec<String>> {
    let mut start: Vec<String> = [
        "--no-optional-locks",
        "-C",
        tree,
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.pager=cat",
        "-c",
        "log.showSignature=false",
        "-c",
        "status.submoduleSummary=false",
        // Stat data of another mount: sizes and times are compared, no inode numbers.
        "-c",
        "core.checkStat=minimal",
        "-c",
        "core.trustctime=false",
    ]
    .map(str::to_owned)
    .into();
    let pattern = r"^filter\..*\.(clean|smudge|process|required)$";
    let mut ask: Vec<&str> = start.iter().map(String::as_str).collect();
    ask.extend(["config", "--null", "--name-only", "--get-regexp", pattern]);
    // Ends with 1 when nothing matches.
    let filters = session.try_run(ATTEMPT.what, &ask).await?;
    if filters.timed_out {
        return Err(failure(&ATTEMPT, &filters));
    }
    for key in filters.stdout.split(|&byte| byte == 0) {
        let Ok(key) = std::str::from_utf8(key) else {
            continue;
        };
        if key.is_empty() || key.contains('=') {
            continue;
        }
        let off = if key.ends_with(".required") {
            "false"
        } else {
            ""
        };
        start.extend(["-c".to_owned(), format!("{key}={off}")]);
    }
    Ok(start)
}

fn command<'a>(start: &'a [String], rest: &[&'a str]) -> Vec<&'a str> {
    start
        .iter()
        .map(String::as_str)
        .chain(rest.iter().copied())
        .collect()
}

async fn status(session: &Session<'_>, neutral: &[String]) -> Result<GitStatus> {
    // From exact to short: what a listing that is too long would have cut off is its head, with the branch.
    for untracked in ["all", "normal", "no"] {
        let untracked = format!("--untracked-files={untracked}");
        let arguments = ["status", "--porcelain=v2", "--branch", "-z", &untracked];
        let output = session.run(&ATTEMPT, &command(neutral, &arguments)).await?;
        if output.stdout.len() < MAX_LISTING {
            return Ok(parse_status(&output.stdout));
        }
    }
    Err(gitpod_core::Error::unexpected(
        "cannot read the repository's state: it has too many changes",
    ))
}

/// What to list: everything that is reachable here and from no remote.
const UNPUSHED: [&str; 4] = ["HEAD", "--branches", "--not", "--remotes"];

async fn unpushed(session: &Session<'_>, neutral: &[String]) -> Result<Vec<String>> {
    let limit = format!("--max-count={MAX_LISTED}");
    let mut arguments = vec!["log", "-z", "--format=%H: %s", &limit];
    arguments.extend(UNPUSHED);
    // Fails when there is no commit yet.
    let output = session
        .try_run(ATTEMPT.what, &command(neutral, &arguments))
        .await?;
    Ok(parse_log(&output.stdout))
}

async fn count_unpushed(session: &Session<'_>, neutral: &[String]) -> Result<u64> {
    let mut arguments = vec!["rev-list", "--count"];
    arguments.extend(UNPUSHED);
    let output = session
        .try_run(ATTEMPT.what, &command(neutral, &arguments))
        .await?;
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .unwrap_or(0))
}
