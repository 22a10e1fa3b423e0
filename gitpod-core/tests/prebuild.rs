//! Prebuilds: when one is made, from what, and which one a workspace starts from.

use std::time::Duration;

use gitpod_core::gitpod_yml::{GitpodYml, Mode, parse};
use gitpod_core::prebuild::{
    Histories, History, Prebuild, PrebuildState, Recipe, Revision, Target,
};
use gitpod_core::{PrebuildId, ProjectId, Timestamp};
use uuid::Uuid;

#[path = "prebuild/admission.rs"]
mod admission;
#[path = "prebuild/branches.rs"]
mod branches;
#[path = "prebuild/incremental.rs"]
mod incremental;
#[path = "prebuild/preconditions.rs"]
mod preconditions;
#[path = "prebuild/selection.rs"]
mod selection;

const CONFIG: &str = "image: debian:12\ntasks:\n  - init: make\n    command: ./serve\n";

fn config(text: &str) -> GitpodYml {
    let parsed = parse(text, Mode::Lenient).into_result(".gitpod.yml");
    parsed.expect("a configuration").0
}

fn recipe() -> Recipe {
    Recipe::new(&config(CONFIG), "sha256:1", "r")
}

fn project() -> ProjectId {
    ProjectId::from_uuid(Uuid::from_u128(1))
}

fn target<'a>(revision: &'a Revision, recipe: &'a Recipe) -> Target<'a> {
    Target {
        project: project(),
        revision,
        recipe,
    }
}

/// Seconds since the epoch, far enough from it to go back.
fn at(seconds: u64) -> Timestamp {
    let base = Duration::from_secs(1_000_000_000);
    Timestamp::UNIX_EPOCH + base + Duration::from_secs(seconds)
}

/// An available prebuild of commit `c<number>`, made at that many seconds; its id tells both.
fn prebuild(number: usize) -> Prebuild {
    let id = PrebuildId::from_uuid(Uuid::from_u128(1000 + number as u128));
    let revision = Revision::of(format!("c{number}"));
    let mut prebuild = Prebuild::new(id, project(), revision, recipe(), at(number as u64));
    prebuild.state = PrebuildState::Available;
    prebuild
}

/// The history of commit `c<newest>`, down to `c0`.
fn history(newest: usize) -> Histories {
    Histories::of(History::new((0..=newest).rev().map(|n| format!("c{n}"))))
}
