//! What a server advertises, and what a name means there. Pure.

use gitpod_core::content::CloneTarget;

use super::refname::{is_full_hash, nearest};

/// The references of a remote, as `git ls-remote --symref` prints them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Advertised {
    /// What `HEAD` names.
    pub(super) head_branch: Option<String>,
    /// Commit of `HEAD`.
    pub(super) head: Option<String>,
    /// Name and object, in the server's order.
    references: Vec<(String, String)>,
}

/// What a name means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) target: CloneTarget,
    pub(super) revision: Option<String>,
}

impl Advertised {
    /// Parses; lines that are not understood are left out: the server is hostile, and may have more to say in future.
    pub(super) fn parse(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let mut all = Self::default();
        for line in text.lines() {
            let Some((value, name)) = line.split_once('\t') else {
                continue;
            };
            match value.strip_prefix("ref: ") {
                Some(target) if name == "HEAD" => {
                    all.head_branch = target.strip_prefix("refs/heads/").map(str::to_owned);
                }
                Some(_) => {}
                None if !is_full_hash(value) => {}
                None if name == "HEAD" => all.head = Some(value.to_owned()),
                None => all.references.push((name.to_owned(), value.to_owned())),
            }
        }
        all
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.references
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, object)| object.as_str())
    }

    fn branch(&self, name: &str) -> Option<Meaning> {
        let object = self.find(&format!("refs/heads/{name}"))?;
        Some(Meaning {
            target: CloneTarget::Branch(name.to_owned()),
            revision: Some(object.to_owned()),
        })
    }

    fn tag(&self, name: &str) -> Option<Meaning> {
        let full = format!("refs/tags/{name}");
        let object = self.find(&full)?;
        // An annotated tag is an object of its own; `^{}` is the commit it points at.
        let commit = self.find(&format!("{full}^{{}}")).unwrap_or(object);
        Some(Meaning {
            target: CloneTarget::Tag(name.to_owned()),
            revision: Some(commit.to_owned()),
        })
    }

    /// Whether nothing at all was listed.
    pub(super) fn is_empty(&self) -> bool {
        self.head.is_none() && self.references.is_empty()
    }

    /// What `reference` is. A branch wins over a tag, both over a commit.
    pub(super) fn meaning_of(&self, reference: &str) -> Option<Meaning> {
        if let Some(name) = reference.strip_prefix("refs/heads/") {
            return self.branch(name);
        }
        if let Some(name) = reference.strip_prefix("refs/tags/") {
            return self.tag(name);
        }
        let commit = |object: &str| Meaning {
            target: CloneTarget::Commit(object.to_owned()),
            revision: Some(object.to_owned()),
        };
        self.branch(reference)
            .or_else(|| self.tag(reference))
            .or_else(|| self.find(reference).map(commit))
            .or_else(|| is_full_hash(reference).then(|| commit(&reference.to_ascii_lowercase())))
    }

    /// What to check out when nothing was asked for.
    pub(super) fn default_meaning(&self) -> Option<Meaning> {
        if let (Some(branch), Some(head)) = (&self.head_branch, &self.head) {
            return Some(Meaning {
                target: CloneTarget::Branch(branch.clone()),
                revision: Some(head.clone()),
            });
        }
        if let Some(head) = &self.head {
            return Some(Meaning {
                target: CloneTarget::Commit(head.clone()),
                revision: Some(head.clone()),
            });
        }
        // A HEAD that names nothing, in a repository that has something.
        ["main", "master"]
            .into_iter()
            .chain(self.branches())
            .find_map(|name| self.branch(name))
    }

    fn branches(&self) -> impl Iterator<Item = &str> {
        self.references
            .iter()
            .filter_map(|(name, _)| name.strip_prefix("refs/heads/"))
    }

    fn tags(&self) -> impl Iterator<Item = &str> {
        self.references
            .iter()
            .filter_map(|(name, _)| name.strip_prefix("refs/tags/"))
            .filter(|name| !name.ends_with("^{}"))
    }

    /// Names of branches and tags that `reference` may have meant.
    pub(super) fn nearest(&self, reference: &str) -> Vec<&str> {
        nearest(reference, self.branches().chain(self.tags()))
    }

    /// A few names that are there.
    pub(super) fn some_branches(&self) -> Vec<&str> {
        self.branches().take(5).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn sample() -> Advertised {
        Advertised::parse(
            format!(
                "ref: refs/heads/main\tHEAD\n{A}\tHEAD\n{A}\trefs/heads/main\n{B}\trefs/heads/both\n{A}\trefs/tags/both\n\
                 {B}\trefs/tags/v1\n{A}\trefs/tags/v1^{{}}\n{B}\trefs/pull/7/head\nnonsense\nzzz\trefs/heads/bad\n"
            )
            .as_bytes(),
        )
    }

    #[test]
    fn branches_win_and_annotated_tags_are_peeled() {
        let meaning = |name: &str| {
            let meaning = sample().meaning_of(name)?;
            Some((meaning.target, meaning.revision?))
        };
        let own = str::to_owned;
        assert_eq!(
            meaning("both"),
            Some((CloneTarget::Branch(own("both")), own(B)))
        );
        assert_eq!(
            meaning("refs/tags/both"),
            Some((CloneTarget::Tag(own("both")), own(A)))
        );
        assert_eq!(meaning("v1"), Some((CloneTarget::Tag(own("v1")), own(A))));
        assert_eq!(
            meaning("refs/pull/7/head"),
            Some((CloneTarget::Commit(own(B)), own(B)))
        );
        assert_eq!(meaning(B), Some((CloneTarget::Commit(own(B)), own(B))));
        assert_eq!(meaning("bad"), None);
        assert_eq!(meaning("refs/heads/v1"), None);
    }

    #[test]
    fn the_default_is_what_head_names_or_a_usual_branch() {
        let default = |text: String| {
            Advertised::parse(text.as_bytes())
                .default_meaning()
                .map(|m| m.target)
        };
        assert_eq!(
            sample().default_meaning().unwrap().target,
            CloneTarget::Branch("main".to_owned())
        );
        assert_eq!(
            default(format!("{A}\tHEAD\n")),
            Some(CloneTarget::Commit(A.to_owned()))
        );
        let dangling = format!("{A}\trefs/heads/dev\n{B}\trefs/heads/master\n");
        assert_eq!(
            default(dangling),
            Some(CloneTarget::Branch("master".to_owned()))
        );
        assert_eq!(default(String::new()), None);
    }

    proptest! {
        #[test]
        fn hostile_answers_do_not_panic(text in proptest::collection::vec(any::<u8>(), 0..400), name in ".{0,40}") {
            let all = Advertised::parse(&text);
            let _ = (all.meaning_of(&name), all.default_meaning(), all.nearest(&name));
        }
    }
}
