//! How a prebuild fits wanted commits and a wanted recipe.

use super::{Histories, Prebuild, PrebuildState, Reason, Target};

/// How many commits lie between the prebuild and what is wanted, in the main repository; 0 with `exact` if it is the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) distance: usize,
    pub(super) exact: bool,
}

/// Whether its commits and recipe fit, whatever its state.
pub(super) fn relate(
    prebuild: &Prebuild,
    target: &Target<'_>,
    histories: &Histories,
    farthest: usize,
) -> Result<Fit, Reason> {
    let Target {
        project,
        revision,
        recipe,
    } = target;
    if prebuild.project != *project {
        return Err(Reason::Unknown);
    }
    if let Some(difference) = recipe.difference(&prebuild.recipe) {
        return Err(difference);
    }
    let additional = &prebuild.revision.additional;
    if additional.len() != revision.additional.len() {
        return Err(Reason::OtherRepositories);
    }
    if prebuild.revision == **revision {
        return Ok(Fit {
            distance: 0,
            exact: true,
        });
    }
    let main = &prebuild.revision.main;
    let distance = if *main == revision.main {
        0
    } else {
        let found = histories.main.distance(main);
        found.ok_or(Reason::NotAnAncestor)?
    };
    for (index, commit) in additional.iter().enumerate() {
        let same = revision.additional.get(index) == Some(commit);
        let history = histories.additional.get(index);
        let is_ancestor = history.is_some_and(|history| history.distance(commit).is_some());
        if !same && !is_ancestor {
            return Err(Reason::RepositoryNotAnAncestor);
        }
    }
    if distance > farthest {
        return Err(Reason::TooFar);
    }
    Ok(Fit {
        distance,
        exact: false,
    })
}

/// Whether there is content to start from.
pub(super) fn usable(prebuild: &Prebuild) -> Result<(), Reason> {
    match prebuild.state {
        PrebuildState::Queued | PrebuildState::Building => Err(Reason::Unfinished),
        PrebuildState::Failed | PrebuildState::Aborted | PrebuildState::TimedOut => {
            Err(Reason::Failed)
        }
        PrebuildState::Available if prebuild.collected => Err(Reason::Collected),
        PrebuildState::Available => Ok(()),
    }
}
