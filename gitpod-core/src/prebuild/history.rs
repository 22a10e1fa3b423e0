use std::collections::HashMap;

/// Most commits of a history that are looked at.
pub const MAX_COMMITS: usize = 100;

/// The last commits up to a wanted one, newest first: the wanted one is at 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    places: HashMap<String, usize>,
}

impl History {
    /// From `git log`, newest first; what comes after [`MAX_COMMITS`] is left out.
    pub fn new<T: Into<String>>(commits: impl IntoIterator<Item = T>) -> Self {
        let mut places = HashMap::new();
        for (place, commit) in commits.into_iter().take(MAX_COMMITS).enumerate() {
            places.entry(commit.into()).or_insert(place);
        }
        Self { places }
    }

    /// How many commits lie between `commit` and the wanted one; `None` when it is none of the last ones.
    pub fn distance(&self, commit: &str) -> Option<usize> {
        self.places.get(commit).copied()
    }
}

/// The histories of all repositories of a workspace or prebuild. A platform that tells no history has each wanted commit alone
/// in its history; then only exact prebuilds fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histories {
    /// Of the main repository.
    pub main: History,
    /// Of each additional repository, in the order of the configuration.
    pub additional: Vec<History>,
}

impl Histories {
    /// Of a repository without others.
    pub fn of(main: History) -> Self {
        Self {
            main,
            additional: Vec::new(),
        }
    }
}
