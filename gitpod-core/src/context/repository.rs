use url::Url;

use super::host::Platform;
use super::reference::Reference;

/// Longest directory name made of a repository's name.
const MAX_DIRECTORY: usize = 64;

/// A repository, and what of it an address is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepositoryContext {
    /// What serves it.
    pub platform: Platform,
    /// Its clone URL, without credentials.
    pub clone_url: Url,
    /// Where its pages are, for addresses of pages.
    pub web_url: Option<Url>,
    /// Whose it is: the path before its name (`owner`, `group/subgroup`, `organization/project`); empty when there is none.
    pub owner: String,
    /// Its name, without `.git`.
    pub name: String,
    /// Which state of it.
    pub reference: Reference,
    /// Of which file or directory, if that is certain already; see [`resolve`](Self::resolve).
    pub path: Option<String>,
    /// Whether the page says that the path is a file.
    pub is_file: bool,
}

impl RepositoryContext {
    /// For people: `owner/name @ branch (path)`.
    pub fn title(&self) -> String {
        let slash = if self.owner.is_empty() { "" } else { "/" };
        let Self { owner, name, .. } = self;
        let title = format!("{owner}{slash}{name}{}", self.reference.title());
        match &self.path {
            Some(path) => format!("{title} ({path})"),
            None => title,
        }
    }

    /// Where the repository is checked out below `/workspace` unless its configuration says otherwise: its name, without
    /// what could surprise a shell.
    pub fn checkout_location(&self) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let name: String = self
            .name
            .chars()
            .map(|c| if is_plain(c) { c } else { '-' })
            .skip_while(|c| !c.is_ascii_alphanumeric() && *c != '_')
            .take(MAX_DIRECTORY)
            .collect();
        if name.is_empty() {
            String::from("repository")
        } else {
            name
        }
    }
}
