//! Which files of a repository are brought along, and how to ask git for them.

use std::collections::BTreeMap;

use gitpod_core::Result;

use super::batch::{self, Object};
use super::failure::Attempt;
use super::tool::Session;
use super::tree::{self, Entry, Kind};
use crate::beneath::check_location;
use crate::{RepositoryFile, ResolveOptions, Resolved};

/// Most files of one question.
const MAX_FILES: usize = 32;
/// Most paths of a listing.
const MAX_LISTING: usize = 10_000;

/// What is asked for, checked.
#[derive(Debug)]
pub(super) struct Wanted<'o> {
    files: Vec<&'o str>,
    patterns: Vec<Pattern<'o>>,
    /// Of the patterns and of the listing.
    directories: Vec<&'o str>,
    listed: &'o [String],
    otherwise: Vec<Pattern<'o>>,
}

/// A path in which a `*` in one part may stand for any name.
#[derive(Debug, Clone, Copy)]
struct Pattern<'o> {
    directory: &'o str,
    before: &'o str,
    /// `None` without a `*`.
    after: Option<&'o str>,
    rest: Option<&'o str>,
}

impl<'o> Pattern<'o> {
    fn new(path: &'o str) -> Self {
        let star = path.find('*').unwrap_or(path.len());
        let begin = path[..star].rfind('/');
        let (head, tail) = match path.get(star + 1..) {
            Some(tail) => (&path[..star], tail),
            None => (path, ""),
        };
        let is_literal = star == path.len();
        let (after, rest) = match tail.split_once('/') {
            Some((after, rest)) => (after, Some(rest)),
            None => (tail, None),
        };
        Self {
            directory: begin.map_or("", |at| &path[..at]),
            before: begin.map_or(head, |at| &head[at + 1..]),
            after: (!is_literal).then_some(after),
            rest: rest.filter(|_| !is_literal),
        }
    }

    /// The paths that it stands for in these directories.
    fn expand<'s>(&'s self, trees: &'s Trees<'_>) -> impl Iterator<Item = String> + 's {
        let entries = trees.get(self.directory).into_iter().flatten();
        let wanted = if self.rest.is_some() {
            Kind::Directory
        } else {
            Kind::File
        };
        entries
            .filter(move |entry| entry.kind == wanted && self.is(&entry.name))
            .map(|entry| {
                let path = below(self.directory, &entry.name);
                match self.rest {
                    Some(rest) => format!("{path}/{rest}"),
                    None => path,
                }
            })
            .filter(|path| check_location(path).is_ok())
    }

    fn is(&self, name: &str) -> bool {
        match self.after {
            None => name == self.before,
            Some(after) => name
                .strip_prefix(self.before)
                .is_some_and(|name| name.ends_with(after)),
        }
    }
}

type Trees<'o> = BTreeMap<&'o str, Vec<Entry>>;

fn below(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

impl<'o> Wanted<'o> {
    /// What `options` ask for, if its paths are plain ones.
    pub(super) fn of(options: &'o ResolveOptions) -> Result<Self> {
        let otherwise = &options.otherwise;
        let (patterns, files): (Vec<&str>, Vec<&str>) = options
            .files
            .iter()
            .take(MAX_FILES)
            .map(String::as_str)
            .partition(|path| path.contains('*'));
        let patterns: Vec<Pattern<'o>> = patterns.into_iter().map(Pattern::new).collect();
        let mut directories: Vec<&str> = patterns.iter().map(|p| p.directory).collect();
        directories.extend(otherwise.directories.iter().map(String::as_str));
        directories.sort_unstable();
        directories.dedup();
        let all = otherwise.files.iter().take(MAX_FILES).map(String::as_str);
        let otherwise: Vec<Pattern<'o>> = all.map(Pattern::new).collect();
        for path in files.iter().chain(&directories) {
            if !path.is_empty() {
                check_location(path)?;
            }
        }
        Ok(Self {
            files,
            patterns,
            directories,
            listed: &options.otherwise.directories,
            otherwise,
        })
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.directories.is_empty()
    }

    /// The questions that have to be asked in any case.
    pub(super) fn questions(&self, revision: &str) -> Vec<String> {
        let paths = self.files.iter().chain(&self.directories);
        paths.map(|path| format!("{revision}:{path}")).collect()
    }

    /// Completes `resolved` from the `answers` to these questions, and from what has to be asked after them.
    pub(super) async fn bring(
        &self,
        session: &mut Session<'_>,
        attempt: &Attempt<'_>,
        git_dir: &str,
        mut answers: impl Iterator<Item = Option<Object>>,
        (resolved, revision): (&mut Resolved, &str),
    ) -> Result<()> {
        let found = answers.by_ref().take(self.files.len()).collect();
        resolved.files = files(self.files.iter().copied(), found);
        let trees: Trees<'_> = self
            .directories
            .iter()
            .zip(answers)
            .filter_map(|(path, object)| Some((*path, tree::entries(&object?)?)))
            .collect();
        let more: Vec<String> = self
            .patterns
            .iter()
            .flat_map(|p| p.expand(&trees))
            .collect();
        let more = &more[..more.len().min(MAX_FILES)];
        if !more.is_empty() {
            let found = batch::ask(session, attempt, git_dir, &questions(revision, more)).await?;
            let more = more.iter().map(String::as_str);
            resolved.files.extend(files(more, found));
        }
        if !resolved.files.is_empty() {
            return Ok(());
        }
        resolved.listing = self.listing(&trees);
        let others: Vec<String> = self
            .otherwise
            .iter()
            .flat_map(|p| p.expand(&trees))
            .collect();
        let others = &others[..others.len().min(MAX_FILES)];
        if !others.is_empty() {
            let questions = questions(revision, others);
            let found = batch::ask_short(session, attempt, git_dir, &questions).await?;
            resolved.files = files(others.iter().map(String::as_str), found);
        }
        Ok(())
    }

    fn listing(&self, trees: &Trees<'_>) -> Vec<String> {
        let of_directory = |directory: &String| {
            let entries = trees.get(directory.as_str()).into_iter().flatten();
            let files = entries.filter(|entry| entry.kind == Kind::File);
            let directory = directory.clone();
            files.map(move |entry| below(&directory, &entry.name))
        };
        let all = self.listed.iter().flat_map(of_directory);
        all.take(MAX_LISTING).collect()
    }
}

fn questions(revision: &str, paths: &[String]) -> Vec<String> {
    let question = |path: &String| format!("{revision}:{path}");
    paths.iter().map(question).collect()
}

fn files<'p>(
    paths: impl Iterator<Item = &'p str>,
    objects: Vec<Option<Object>>,
) -> Vec<RepositoryFile> {
    paths
        .zip(objects)
        .filter_map(|(path, object)| object?.into_file(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(pattern: &str, directory: &str, names: &[(&str, Kind)]) -> Vec<String> {
        let entries = names.iter().map(|&(name, kind)| Entry {
            name: name.to_owned(),
            kind,
        });
        let trees = Trees::from([(directory, entries.collect())]);
        Pattern::new(pattern).expand(&trees).collect()
    }

    #[test]
    fn a_star_stands_for_a_name() {
        let names = [
            ("api", Kind::Directory),
            ("a.csproj", Kind::File),
            ("new\nline", Kind::Directory),
            ("web", Kind::Directory),
            (".csproj", Kind::Directory),
        ];
        let place = ".devcontainer/*/devcontainer.json";
        assert_eq!(
            expand(place, ".devcontainer", &names),
            [
                ".devcontainer/api/devcontainer.json",
                ".devcontainer/web/devcontainer.json",
                ".devcontainer/.csproj/devcontainer.json"
            ]
        );
        assert_eq!(expand("*.csproj", "", &names), ["a.csproj"]);
        assert_eq!(expand("a.csproj", "", &names), ["a.csproj"]);
        assert_eq!(expand("x/a.csproj", "x", &names), ["x/a.csproj"]);
        assert!(expand("*.csproj", "other", &names).is_empty());
    }

    #[test]
    fn paths_out_of_the_repository_are_refused() {
        for path in ["../*/x", "a\nb", "/etc/*"] {
            let options = ResolveOptions {
                files: vec![String::from(path)],
                ..ResolveOptions::default()
            };
            assert!(Wanted::of(&options).is_err(), "{path}");
        }
    }
}
