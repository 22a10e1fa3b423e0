//! What git says when it fails, as errors that a person can act on.

use gitpod_core::job::JobOutput;
use gitpod_core::{Error, ErrorKind, Retry};
use url::Url;

/// What was attempted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt<'a> {
    /// As in "cannot …": `clone the repository`.
    pub(super) what: &'a str,
    /// Of which remote, if one has a part in it.
    pub(super) remote: Option<&'a Url>,
    /// What was to be found in it.
    pub(super) reference: Option<&'a str>,
}

/// Why git failed, by what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    HostUnknown,
    HostUnreachable,
    Certificate,
    HostKey,
    Redirected,
    Denied,
    RepositoryMissing,
    NoRepository,
    Damaged,
    ReferenceMissing,
    DiskFull,
    NameTooLong,
    ProtocolForbidden,
    GitMissing,
    Other,
}

/// What git (2.30 to 2.47), curl and ssh print, in order of precedence: the first match wins. Lower case.
const SIGNS: &[(&str, Cause)] = &[
    ("no space left on device", Cause::DiskFull),
    ("disk quota exceeded", Cause::DiskFull),
    // What was checked out is cut off there. Files that cannot be made at all are "unable to create file", with the reason.
    ("unable to write file", Cause::DiskFull),
    ("file name too long", Cause::NameTooLong),
    // Before all that follows from them: a server that meets damage hangs up, or does not find what it has just offered.
    ("possible repository corruption", Cause::Damaged),
    ("is corrupt", Cause::Damaged),
    ("inflate: data stream error", Cause::Damaged),
    ("does not match index", Cause::Damaged),
    ("bad config line", Cause::Damaged),
    ("expected git repo version", Cause::Damaged),
    (
        "not our ref 0000000000000000000000000000000000000000",
        Cause::Damaged,
    ),
    ("could not resolve host", Cause::HostUnknown),
    ("unable to look up", Cause::HostUnknown),
    ("name or service not known", Cause::HostUnknown),
    ("temporary failure in name resolution", Cause::HostUnknown),
    ("ssl certificate problem", Cause::Certificate),
    ("certificate verification failed", Cause::Certificate),
    ("ssl: no alternative certificate", Cause::Certificate),
    ("host key verification failed", Cause::HostKey),
    ("returned error: 301", Cause::Redirected),
    ("returned error: 302", Cause::Redirected),
    ("returned error: 307", Cause::Redirected),
    ("returned error: 308", Cause::Redirected),
    (
        "unable to update url base from redirection",
        Cause::Redirected,
    ),
    ("could not read username", Cause::Denied),
    ("could not read password", Cause::Denied),
    ("authentication failed", Cause::Denied),
    (
        "access denied or repository not exported",
        Cause::RepositoryMissing,
    ),
    ("access denied", Cause::Denied),
    ("permission denied (publickey", Cause::Denied),
    ("permission denied, please try again", Cause::Denied),
    ("returned error: 401", Cause::Denied),
    ("returned error: 403", Cause::Denied),
    ("returned error: 404", Cause::RepositoryMissing),
    ("returned error: 410", Cause::RepositoryMissing),
    ("remote branch", Cause::ReferenceMissing),
    ("couldn't find remote ref", Cause::ReferenceMissing),
    ("not our ref", Cause::ReferenceMissing),
    ("request for unadvertised object", Cause::ReferenceMissing),
    ("reference is not a tree", Cause::ReferenceMissing),
    ("unable to read tree", Cause::ReferenceMissing),
    ("did not match any file", Cause::ReferenceMissing),
    ("is not a commit and a branch", Cause::ReferenceMissing),
    ("bad object", Cause::ReferenceMissing),
    ("not a tree object", Cause::ReferenceMissing),
    ("bad revision", Cause::ReferenceMissing),
    ("repository not found", Cause::RepositoryMissing),
    ("/' not found", Cause::RepositoryMissing),
    ("' does not exist", Cause::RepositoryMissing),
    ("is this a git repository?", Cause::NoRepository),
    (
        "does not appear to be a git repository",
        Cause::RepositoryMissing,
    ),
    ("not a git repository", Cause::RepositoryMissing),
    ("failed to connect", Cause::HostUnreachable),
    ("unable to connect", Cause::HostUnreachable),
    ("could not connect", Cause::HostUnreachable),
    ("connection refused", Cause::HostUnreachable),
    ("connection timed out", Cause::HostUnreachable),
    ("connection reset", Cause::HostUnreachable),
    ("network is unreachable", Cause::HostUnreachable),
    ("no route to host", Cause::HostUnreachable),
    ("operation too slow", Cause::HostUnreachable),
    ("empty reply from server", Cause::HostUnreachable),
    (
        "the requested url returned error: 5",
        Cause::HostUnreachable,
    ),
    ("remote end hung up", Cause::HostUnreachable),
    ("early eof", Cause::HostUnreachable),
    ("transport '", Cause::ProtocolForbidden),
    ("git: not found", Cause::GitMissing),
];

impl Cause {
    fn of(stderr: &str) -> Self {
        let lower = stderr.to_lowercase();
        SIGNS
            .iter()
            .find(|(sign, _)| lower.contains(sign))
            .map_or(Self::Other, |&(_, cause)| cause)
    }

    fn kind(self) -> ErrorKind {
        match self {
            Self::HostUnknown | Self::HostUnreachable | Self::Certificate => ErrorKind::Unavailable,
            Self::HostKey | Self::Denied => ErrorKind::PermissionDenied,
            Self::RepositoryMissing | Self::ReferenceMissing => ErrorKind::NotFound,
            Self::Damaged => ErrorKind::FailedPrecondition,
            Self::DiskFull => ErrorKind::RateLimited,
            Self::NoRepository | Self::NameTooLong | Self::Redirected | Self::ProtocolForbidden => {
                ErrorKind::InvalidInput
            }
            Self::GitMissing => ErrorKind::FailedPrecondition,
            Self::Other => ErrorKind::Unexpected,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::HostUnknown => "its host cannot be found",
            Self::HostUnreachable => "its host cannot be reached",
            Self::Certificate => "its host's certificate is not trusted",
            Self::HostKey => "its host's key is not known",
            Self::Redirected => "its host says that it is somewhere else",
            Self::Denied => "access was denied",
            Self::RepositoryMissing => "there is no such repository",
            Self::NoRepository => "what answers there is no git repository",
            Self::Damaged => "the repository is damaged",
            Self::ReferenceMissing => "it has no such branch, tag or commit",
            Self::DiskFull => "the disk is full",
            Self::NameTooLong => "it has a file name that is too long for this disk",
            Self::ProtocolForbidden => "it needs a protocol that is not allowed",
            Self::GitMissing => "git is not installed",
            Self::Other => "git failed",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::HostUnknown => {
                "check the spelling of the URL, and that this machine can resolve names"
            }
            Self::HostUnreachable => {
                "check that the host is up and that this machine may reach it, then try again"
            }
            Self::Certificate => {
                "add the host's certificate authority to this machine's, or use another URL"
            }
            Self::HostKey => {
                "add the host's key to /etc/ssh/ssh_known_hosts of this machine, or use the https:// URL"
            }
            Self::Redirected => "open the repository in a browser and use the URL it ends up at",
            Self::Denied => {
                "the repository is private, or it does not exist: check the URL and that you have access to it"
            }
            Self::RepositoryMissing => {
                "check the URL; a private repository looks missing to those without access"
            }
            Self::NoRepository => {
                "the address is that of a page: open the repository in a browser and use the address it gives for cloning"
            }
            Self::Damaged => {
                "run `git fsck --full` in it, or tell whoever runs its host; a copy of it that is whole can be cloned instead"
            }
            Self::ReferenceMissing => "check the name; it may have been deleted or renamed",
            Self::DiskFull => {
                "choose a workspace class with a larger disk, or free space on the machine"
            }
            Self::NameTooLong => "shorten the file name in the repository; the limit is 255 bytes",
            Self::ProtocolForbidden => "use https:// or ssh:// URLs, also for submodules",
            Self::GitMissing => "install git on this machine",
            Self::Other => {
                "the last words of git are in the error; `git clone` of the same URL may tell more"
            }
        }
    }
}

/// The error for a git command that failed.
pub(super) fn failure(attempt: &Attempt<'_>, output: &JobOutput) -> Error {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let mut error = if output.timed_out {
        let hint = if attempt.remote.is_some() {
            "the host or this machine is slow; try again, or choose a smaller repository"
        } else {
            "this machine is slow, or something in the repository makes git wait, such as a named pipe in `.git`"
        };
        Error::new(
            ErrorKind::TimedOut,
            format!("cannot {}: it takes too long", attempt.what),
        )
        .with_hint(hint)
    } else if output.exit.oom_killed {
        Error::new(
            ErrorKind::RateLimited,
            format!("cannot {}: git ran out of memory", attempt.what),
        )
        .with_hint("choose a class with more memory")
    } else {
        let missing = output.exit.code == Some(127) || output.exit.message.is_some();
        let cause = match Cause::of(&stderr) {
            _ if missing => Cause::GitMissing,
            // Nothing was asked for but what it offers itself.
            Cause::ReferenceMissing if attempt.reference.is_none() => Cause::Damaged,
            cause => cause,
        };
        let message = format!("cannot {}: {}", attempt.what, cause.reason());
        let mut error = Error::new(cause.kind(), message).with_hint(cause.hint());
        match cause {
            Cause::DiskFull => error = error.with_retry(Retry::Never).with_context("disk", "full"),
            Cause::Certificate => error = error.with_retry(Retry::Never),
            Cause::NoRepository => error = error.with_context("repository", "none"),
            Cause::Damaged => error = error.with_context("repository", "damaged"),
            _ => {}
        }
        error
    };
    if let Some(remote) = attempt.remote {
        error = error.with_context("remote", remote);
    }
    if let Some(reference) = attempt.reference {
        error = error.with_context("reference", reference);
    }
    if let Some(words) = output.exit.message.clone().or_else(|| last_words(&stderr)) {
        error = error.with_context("git", words);
    }
    error
}

/// The error for an address whose server does not speak git, which git itself takes for an empty repository.
pub(super) fn no_repository(attempt: &Attempt<'_>, remote: &Url) -> Error {
    let cause = Cause::NoRepository;
    let message = format!("cannot {}: {}", attempt.what, cause.reason());
    Error::new(cause.kind(), message)
        .with_hint(cause.hint())
        .with_context("remote", remote)
        .with_context("repository", "none")
}

/// Whether git says that the disk is full.
pub(super) fn is_disk_full(stderr: &str) -> bool {
    Cause::of(stderr) == Cause::DiskFull
}

/// The most telling line of git's complaint, fit to be shown: one line, no control characters.
pub(super) fn last_words(stderr: &str) -> Option<String> {
    let telling = |line: &&str| {
        ["fatal:", "error:", "remote: error", "ssh:"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let lines = || {
        stderr
            .split(['\n', '\r'])
            .map(str::trim)
            .filter(|l| !l.is_empty())
    };
    let line = lines().find(telling).or_else(|| lines().next_back())?;
    Some(printable(line))
}

/// `text` without control characters, cut to a length that fits into a message.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(stderr: &str) -> Cause {
        Cause::of(stderr)
    }

    #[test]
    fn what_git_prints_is_understood() {
        for (stderr, expected) in [
            (
                "fatal: unable to access 'https://x.invalid/r/': Could not resolve host: x.invalid",
                Cause::HostUnknown,
            ),
            (
                "fatal: unable to access 'http://127.0.0.1:1/r/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
                Cause::HostUnreachable,
            ),
            (
                "fatal: could not read Username for 'https://h': terminal prompts disabled",
                Cause::Denied,
            ),
            (
                "fatal: unable to access 'http://h/r/': The requested URL returned error: 403",
                Cause::Denied,
            ),
            (
                "fatal: repository 'http://h/none.git/' not found",
                Cause::RepositoryMissing,
            ),
            (
                "remote: Repository not found.\nfatal: repository 'https://h/none.git/' not found",
                Cause::RepositoryMissing,
            ),
            (
                "fatal: '/none' does not appear to be a git repository\nfatal: Could not read from remote repository.",
                Cause::RepositoryMissing,
            ),
            (
                "fatal: Remote branch nope not found in upstream origin",
                Cause::ReferenceMissing,
            ),
            (
                "fatal: remote error: upload-pack: not our ref 0123",
                Cause::ReferenceMissing,
            ),
            (
                "fatal: write error: No space left on device",
                Cause::DiskFull,
            ),
            (
                "fatal: transport 'ext' not allowed",
                Cause::ProtocolForbidden,
            ),
            (
                "No ED25519 host key is known for h\nHost key verification failed.",
                Cause::HostKey,
            ),
            (
                "fatal: remote error: access denied or repository not exported: /x",
                Cause::RepositoryMissing,
            ),
        ] {
            assert_eq!(cause(stderr), expected, "{stderr}");
        }
    }

    #[test]
    fn damage_and_pages_are_told_from_a_host_that_is_gone() {
        for (stderr, expected) in [
            (
                "fatal: http://h/r/info/refs not valid: is this a git repository?",
                Cause::NoRepository,
            ),
            (
                "remote: error: object file ./objects/8a/01 is empty\nfatal: git upload-pack: aborting due to possible repository \
                 corruption on the remote side.\nfatal: early EOF",
                Cause::Damaged,
            ),
            (
                "error: packfile ./objects/pack/pack-f5.pack does not match index\nfatal: remote error: upload-pack: not our ref e7",
                Cause::Damaged,
            ),
            (
                "fatal: bad config line 1 in file ./config\nfatal: Could not read from remote repository.",
                Cause::Damaged,
            ),
        ] {
            assert_eq!(cause(stderr), expected, "{stderr}");
        }
    }

    #[test]
    fn a_checkout_that_was_cut_off_is_a_full_disk() {
        let stderr = "error: unable to write file a\nfatal: unable to checkout working tree\n\
                      warning: Clone succeeded, but checkout failed.";
        assert_eq!(cause(stderr), Cause::DiskFull);
    }

    #[test]
    fn words_of_a_server_are_cut_and_cleaned() {
        assert_eq!(
            last_words("Cloning…\nfatal: \u{1b}[31mred\n\nhelp: x").unwrap(),
            "fatal: \u{fffd}[31mred"
        );
        assert_eq!(last_words("\n\n"), None);
        assert!(last_words(&"x".repeat(10_000)).unwrap().len() <= 300);
    }
}
