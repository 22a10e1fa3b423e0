//! What configures a workspace: a file of its repository, what its other files tell, or nothing.

use std::collections::BTreeSet;

use gitpod_content::{RepositoryFile, ResolveOptions, Resolved};
use gitpod_core::class::Resources;
use gitpod_core::configuration::{self, Choice, GITPOD_YML, Source};
use gitpod_core::devcontainer::{self, Devcontainer, Location, Surroundings};
use gitpod_core::gitpod_yml::{self, GitpodYml, Listing, Mode, Reason};
use gitpod_core::{Error, ErrorKind, Result};
use uuid::Uuid;

/// Where a repository may have its devcontainer files.
const DEVCONTAINERS: [&str; 3] = [
    ".devcontainer/devcontainer.json",
    ".devcontainer.json",
    ".devcontainer/*/devcontainer.json",
];
/// Most remarks that a record holds.
const MAX_REMARKS: usize = 100;

/// A configuration, and what to tell about it.
#[derive(Debug, Default)]
pub(super) struct Configured {
    pub(super) config: GitpodYml,
    /// What it is from, and why.
    pub(super) by: String,
    /// What is wrong with its file.
    pub(super) warnings: Vec<String>,
    /// What is not done as it asks, or why it was inferred.
    pub(super) remarks: Vec<String>,
}

/// What a configuration depends on beside the repository.
#[derive(Debug)]
pub(super) struct Situation<'s> {
    /// Name of the repository's directory, unless the configuration says otherwise.
    pub(super) name: &'s str,
    pub(super) resources: Option<&'s Resources>,
    /// Whether the repository's own configuration is left out.
    pub(super) by_default: bool,
}

/// Asks for the files that [`configure`] reads.
pub(super) fn want(options: &mut ResolveOptions) {
    let owned = |paths: &[&str]| paths.iter().map(|&path| path.to_owned()).collect();
    options.files = owned(&[&[GITPOD_YML], &DEVCONTAINERS[..]].concat());
    options.otherwise.directories = owned(Listing::directories());
    options.otherwise.files = owned(Listing::files());
}

/// What the repository's files make of a workspace.
///
/// # Errors
/// `ConfigInvalid` with line and column: the file that counts is wrong.
pub(super) fn configure(resolved: &Resolved, situation: &Situation<'_>) -> Result<Configured> {
    if situation.by_default {
        return Ok(Configured {
            by: String::from(
                "the platform's default (the repository's own configuration is left out, as asked for)",
            ),
            ..Configured::default()
        });
    }
    let choice = choose(&resolved.files).map_err(or_without)?;
    let mut configured = match choice.source {
        Source::GitpodYml(config, problems) => Configured {
            config: *config,
            by: from(GITPOD_YML, &choice.reason),
            warnings: told(GITPOD_YML, &problems),
            remarks: Vec::new(),
        },
        Source::Devcontainer(location, file, problems) => Configured {
            by: from(&location.path, &choice.reason),
            warnings: told(&location.path, &problems),
            ..apply(&location, &file, situation)
        },
        Source::Nothing => return Ok(infer(resolved)),
    };
    configured.remarks.extend(not_done(&configured.config));
    configured.remarks.truncate(MAX_REMARKS);
    Ok(configured)
}

fn choose(files: &[RepositoryFile]) -> Result<Choice> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let own = find(GITPOD_YML)
        .map(|file| Ok::<_, Error>(gitpod_yml::parse(text(file)?, Mode::Lenient)))
        .transpose()?;
    let paths = files.iter().map(|file| file.path.as_str());
    let location = devcontainer::locate(paths, None)?;
    let other = location
        .and_then(|location| Some((find(&location.path)?, location)))
        .map(|(file, location)| {
            let parsed = devcontainer::parse(text(file)?, Mode::Lenient);
            Ok::<_, Error>((location, parsed))
        });
    // Whether the other file can be read at all matters only where it counts.
    let other = match (&own, other) {
        (Some(_), Some(Err(_))) => None,
        (_, other) => other.transpose()?,
    };
    configuration::choose(own, other)
}

fn text(file: &RepositoryFile) -> Result<&str> {
    std::str::from_utf8(&file.content).map_err(|e| {
        let before = &file.content[..e.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        let path = &file.path;
        Error::new(
            ErrorKind::ConfigInvalid,
            format!("{path} is not UTF-8 text"),
        )
        .with_context("line", line)
        .with_source(e)
        .with_hint("save the file as UTF-8 and push it")
    })
}

/// There is a way to open the repository all the same.
pub(super) fn or_without(error: Error) -> Error {
    let hint = error.hint().unwrap_or("correct the file").to_owned();
    error.with_hint(format!(
        "{hint}; or open the repository without its configuration: `gitpod workspace create --default-config URL`"
    ))
}

fn from(path: &str, reason: &str) -> String {
    format!("{path} ({reason})")
}

fn told(path: &str, problems: &[configuration::Problem]) -> Vec<String> {
    let problems = problems.iter().take(MAX_REMARKS);
    problems
        .map(|problem| format!("{path}: {problem}"))
        .collect()
}

fn apply(location: &Location, file: &Devcontainer, situation: &Situation<'_>) -> Configured {
    // The same for the workspace's whole life, and no other one has it.
    let id = Uuid::new_v4().simple().to_string();
    let mut surroundings = Surroundings::new(&location.path, situation.name, id);
    surroundings.resources = situation.resources.cloned();
    let applied = file.apply(&surroundings);
    let notices = applied.notices.iter();
    let mut remarks: Vec<String> = notices
        .map(|notice| format!("{}: {notice}", location.path))
        .collect();
    if !location.others.is_empty() {
        remarks.push(format!("not read: {}", location.others.join(", ")));
    }
    Configured {
        config: applied.config,
        remarks,
        ..Configured::default()
    }
}

/// What a `.gitpod.yml` may ask for, or a devcontainer may come to, that this server does not do.
fn not_done(config: &GitpodYml) -> Vec<String> {
    let extensions = config.vscode.as_ref().map_or(0, |v| v.extensions.len());
    let missing = [
        (
            config.main_configuration.is_some(),
            "mainConfiguration: this repository's own configuration is used",
        ),
        (
            !config.additional_repositories.is_empty(),
            "additionalRepositories: only this repository is checked out; clone the others in a task",
        ),
        (
            extensions > 0,
            "extensions of VS Code are not installed by themselves; the editor can install them",
        ),
        (
            config.jetbrains.is_some(),
            "settings of JetBrains' editors have no effect: none is offered",
        ),
        (
            config.core_dump.is_some(),
            "coreDump: crashing processes leave no core dumps",
        ),
    ];
    let missing = missing.into_iter().filter(|(asked, _)| *asked);
    missing.map(|(_, what)| what.to_owned()).collect()
}

/// What the other files of a repository without a configuration tell.
fn infer(resolved: &Resolved) -> Configured {
    let listing = Listing::new(resolved.listing.iter().cloned());
    let listing = resolved.files.iter().fold(listing, |listing, file| {
        // What is no text tells nothing.
        match std::str::from_utf8(&file.content) {
            Ok(text) => listing.with(&file.path, text),
            Err(_) => listing,
        }
    });
    let mut inferred = gitpod_yml::infer(&listing);
    // They would be a wish that nobody had.
    let extensions = inferred.config.vscode.take().unwrap_or_default().extensions;
    let reasons = inferred.reasons.iter();
    let reasons: Vec<&Reason> = reasons.filter(|r| !extensions.contains(&r.what)).collect();
    let by = if reasons.is_empty() {
        String::from("no configuration, the platform's default")
    } else {
        format!(
            "no configuration, inferred from {}",
            witnesses(resolved, &reasons)
        )
    };
    Configured {
        config: inferred.config,
        by,
        warnings: Vec::new(),
        remarks: reasons
            .iter()
            .take(MAX_REMARKS)
            .map(|reason| format!("`{}`: {}", reason.what, reason.because))
            .collect(),
    }
}

/// The files that the reasons name.
fn witnesses(resolved: &Resolved, reasons: &[&Reason]) -> String {
    let is_edge = |c: char| c.is_whitespace() || ",;:`()".contains(c);
    let words = reasons.iter().flat_map(|r| r.because.split(is_edge));
    let words: BTreeSet<&str> = words.map(|word| word.trim_end_matches('.')).collect();
    let named = resolved.listing.iter().map(String::as_str);
    let named: Vec<&str> = named.filter(|path| words.contains(path)).collect();
    match named.as_slice() {
        [] => String::from("its files"),
        named => named.join(", "),
    }
}
