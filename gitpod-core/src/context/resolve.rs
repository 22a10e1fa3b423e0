use super::reference::Reference;
use super::repository::RepositoryContext;
use crate::{Error, Result};

/// What a name turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefKind {
    /// A branch.
    Branch,
    /// A tag.
    Tag,
    /// A commit.
    Commit,
}

impl RepositoryContext {
    /// Finds out with `lookup` what a name is and where it ends and a path begins.
    ///
    /// # Behavior
    /// Asks for each of [`Reference::candidates`] until one exists. What is certain already (a branch, a commit, a pull
    /// request …) is returned as it is, without asking.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when none of the readings exists, naming them.
    pub fn resolve(&self, mut lookup: impl FnMut(&str) -> Option<RefKind>) -> Result<Self> {
        let wanted = match &self.reference {
            Reference::Named(_) => None,
            other => match other.unsettled() {
                Some((_, kind)) => kind,
                None => return Ok(self.clone()),
            },
        };
        let candidates = self.reference.candidates()?;
        for name in &candidates {
            let kind = lookup(name).filter(|kind| wanted.is_none_or(|wanted| wanted == *kind));
            if let Some(kind) = kind {
                return Ok(self.settled(name, kind));
            }
        }
        Err(
            Error::not_found("the repository has no such branch, tag or commit")
                .with_context("reference", candidates.join(" or "))
                .with_hint("look whether it was renamed, deleted or not pushed yet"),
        )
    }

    /// The same page once it is known that `name`, one of the candidates, is meant, and what it is. What stands behind the name
    /// is the path.
    #[must_use]
    pub fn settled(&self, name: &str, kind: RefKind) -> Self {
        let mut settled = self.clone();
        if let Some((text, _)) = self.reference.unsettled() {
            let first = text.split('/').next().unwrap_or_default();
            // Commits may be abbreviated in an address.
            let is_short = kind == RefKind::Commit && name.starts_with(&first.to_ascii_lowercase());
            let name = if is_short { first } else { name };
            let path = text.strip_prefix(name).map(|rest| rest.trim_matches('/'));
            settled.path = path.filter(|path| !path.is_empty()).map(str::to_owned);
        }
        settled.is_file &= settled.path.is_some();
        settled.reference = match kind {
            RefKind::Branch => Reference::Branch(name.to_owned()),
            RefKind::Tag => Reference::Tag(name.to_owned()),
            RefKind::Commit => Reference::Commit(name.to_ascii_lowercase()),
        };
        settled
    }
}
