use gitpod_core::git::GitStatus;

/// What git says, for people.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    /// Branch, or the commit of a detached head.
    pub(crate) branch: String,
    /// Short hash; empty without commits.
    pub(crate) commit: String,
    /// `2 uncommitted, 1 unpushed`; empty when everything is committed and pushed.
    pub(crate) summary: String,
    /// Title and names of each list that is not empty, and how many more there are.
    pub(crate) lists: Vec<(String, Vec<String>, u64)>,
}

impl Changes {
    pub(crate) fn of(git: &GitStatus) -> Self {
        let kinds = [
            (
                git.total_uncommitted_files,
                "uncommitted",
                &git.uncommitted_files,
                "file",
                "uncommitted",
            ),
            (
                git.total_untracked_files,
                "untracked",
                &git.untracked_files,
                "file",
                "untracked",
            ),
            (
                git.total_unpushed_commits,
                "unpushed",
                &git.unpushed_commits,
                "commit",
                "unpushed",
            ),
        ];
        let present = kinds.iter().filter(|(total, ..)| *total > 0);
        let summary: Vec<String> = present
            .clone()
            .map(|(total, word, ..)| format!("{total} {word}"))
            .collect();
        let lists = present
            .map(|(total, _, names, noun, word)| {
                let plural = if *total == 1 { "" } else { "s" };
                let listed = u64::try_from(names.len()).unwrap_or(u64::MAX);
                (
                    format!("{total} {word} {noun}{plural}"),
                    (*names).clone(),
                    total.saturating_sub(listed),
                )
            })
            .collect();
        let commit: String = git.latest_commit.chars().take(8).collect();
        Self {
            branch: match (git.branch.as_str(), commit.as_str()) {
                ("", "") => String::new(),
                ("", commit) => format!("detached at {commit}"),
                (branch, _) => branch.to_owned(),
            },
            commit,
            summary: summary.join(", "),
            lists,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_would_be_lost() {
        let mut git = GitStatus::default();
        git.branch = String::from("main");
        git.latest_commit = String::from("0123456789abcdef");
        assert_eq!(Changes::of(&git).summary, "");
        git.total_uncommitted_files = 2;
        git.uncommitted_files = vec![String::from("a"), String::from("b")];
        git.total_unpushed_commits = 101;
        git.unpushed_commits = vec![String::from("c"); 100];
        let changes = Changes::of(&git);
        assert_eq!(changes.summary, "2 uncommitted, 101 unpushed");
        assert_eq!(changes.lists[0].0, "2 uncommitted files");
        assert_eq!(
            (changes.lists[1].0.as_str(), changes.lists[1].2),
            ("101 unpushed commits", 1)
        );
        git.branch.clear();
        assert_eq!(Changes::of(&git).branch, "detached at 01234567");
    }
}
