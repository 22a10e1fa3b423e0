use std::collections::BTreeMap;

/// Longer contents are not looked into.
pub const MAX_CONTENT: usize = 256 * 1024;

/// Files that inference looks into.
const WANTED: [&str; 25] = [
    "package.json",
    "deno.json",
    "deno.jsonc",
    "Cargo.toml",
    "build.gradle",
    "build.gradle.kts",
    "pom.xml",
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "Gemfile",
    "composer.json",
    "mix.exs",
    "pubspec.yaml",
    "Makefile",
    "makefile",
    "GNUmakefile",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "main.go",
    "app.py",
    "main.py",
    PROJECT,
];
/// A `*` stands for any name.
const PROJECT: &str = "*.csproj";
/// Directories with files that tell something by being there.
const DIRECTORIES: [&str; 5] = ["", ".vscode", "bin", "public", "src"];

/// The files of a repository, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct Listing(BTreeMap<String, Option<String>>);

impl Listing {
    /// A listing of these paths, relative to the repository's root.
    pub fn new(paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(paths.into_iter().map(|path| (path.into(), None)).collect())
    }

    /// Adds a file with its content. What is longer than [`MAX_CONTENT`] is not looked into.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, content: impl Into<String>) -> Self {
        let content = content.into();
        let content = (content.len() <= MAX_CONTENT).then_some(content);
        self.0.insert(path.into(), content);
        self
    }

    /// The directories whose entries inference looks at, for callers that list no whole repository; the first one is the root.
    pub const fn directories() -> &'static [&'static str] {
        &DIRECTORIES
    }

    /// The files that inference looks into wherever they are there; in one of them a `*` stands for any name in the root.
    pub const fn files() -> &'static [&'static str] {
        &WANTED
    }

    /// The listed files whose content inference would look into; callers give it with [`with`](Self::with).
    pub fn wanted(&self) -> impl Iterator<Item = &str> {
        let project = |path: &&str| {
            WANTED.contains(path) || (path.ends_with(&PROJECT[1..]) && !path.contains('/'))
        };
        self.0.keys().map(String::as_str).filter(project)
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// The first of these that is there.
    pub(super) fn first<'p>(&self, paths: &[&'p str]) -> Option<&'p str> {
        paths.iter().copied().find(|path| self.has(path))
    }

    /// The content of a file; empty when it is not there or not known.
    pub(super) fn content(&self, path: &str) -> &str {
        self.0
            .get(path)
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }

    /// Files in the root whose names end like this.
    pub(super) fn with_end<'s>(&'s self, end: &'s str) -> impl Iterator<Item = &'s str> {
        let paths = self.0.keys().map(String::as_str);
        paths.filter(move |path| path.ends_with(end) && !path.contains('/'))
    }
}
