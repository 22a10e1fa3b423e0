//! What the sandbox promises beyond the conformance suite, seen from inside workspaces on the host's tool chain.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is a failure that says where"
)]

#[path = "sandbox/files.rs"]
mod files;
#[path = "sandbox/isolation.rs"]
mod isolation;
#[path = "sandbox/jobs.rs"]
mod jobs;
#[path = "sandbox/limits.rs"]
mod limits;
#[path = "sandbox/network.rs"]
mod network;
#[path = "sandbox/node.rs"]
mod node;
#[path = "sandbox/survival.rs"]
mod survival;
#[path = "conformance/user.rs"]
mod user;
#[path = "sandbox/world.rs"]
mod world;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use gitpod_runtime::sandbox::{LayerMode, reexec};
use libtest_mimic::{Arguments, Failed, Trial};
use world::World;

/// A case; failures are panics or errors.
type Body = fn(Arc<World>) -> Pin<Box<dyn Future<Output = Result<(), gitpod_core::Error>> + Send>>;

/// Makes `("name", function)` pairs of asynchronous functions.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        pub(crate) const CASES: &[(&str, $crate::Body)] =
            &[$((concat!(module_path!(), "::", stringify!($name)), |world| Box::pin($name(world)))),*];
    };
}
pub(crate) use cases;

fn main() -> ExitCode {
    reexec();
    if let Some(code) = survival::act_as_server() {
        return code;
    }
    if let Some(_somebody) = node::make() {
        return user::instead_of_root().unwrap();
    }
    let trials = [
        isolation::CASES,
        files::CASES,
        limits::CASES,
        network::CASES,
        jobs::CASES,
        survival::CASES,
    ]
    .into_iter()
    .flatten()
    .map(|(name, body)| {
        let trial = Trial::test(*name, move || play(*body, LayerMode::Auto));
        as_user(name, trial)
    })
    // Whatever is about overlays, the way of kernels before 6.15, too.
    .chain(files::CASES.iter().map(|(name, body)| {
        let attached = format!("{name}_of_attached_layers");
        let trial = Trial::test(attached, move || play(*body, LayerMode::Attached));
        as_user(name, trial)
    }))
    .chain(trials_of_a_user())
    .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What an ordinary user's sandbox promises, too, for root to try.
fn trials_of_a_user() -> Vec<Trial> {
    if !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    let of_a_user = |name: &&str| NEEDS_ROOT.iter().all(|case| !name.ends_with(case));
    [isolation::CASES, network::CASES, survival::CASES]
        .into_iter()
        .flatten()
        .map(|(name, _)| *name)
        .filter(of_a_user)
        .map(|name| {
            let named = format!("as_a_user::{}", name.trim_start_matches("sandbox::"));
            Trial::test(named, move || node::play(name).map_err(Failed::from))
        })
        .collect()
}

/// What only root's sandbox promises: several users inside, limits, bridges.
const NEEDS_ROOT: &[&str] = &[
    "every_process_is_confined",
    "control_groups_cannot_be_written",
    "ids_of_instances_differ",
    "content_carries_the_ids_seen_inside",
    "an_overlay_keeps_its_lowers",
    "the_tool_chain_can_be_changed_for_oneself",
    "layers_make_a_root",
    "setuid_programs_give_root_of_the_instance",
    "a_memory_hog_dies_alone",
    "bridges_of_deleted_servers_are_removed",
    "git_clones_from_a_mounted_repository",
];

/// What only a user's sandbox has.
const NEEDS_A_USER: &[&str] = &[
    "egress_leads_out_and_translates_names",
    "a_way_out_ends_with_its_shim",
];

fn as_user(name: &str, trial: Trial) -> Trial {
    let needs_a_user = NEEDS_A_USER.iter().any(|case| name.ends_with(case));
    if needs_a_user && rustix::process::geteuid().is_root() {
        return trial.with_kind("needs a user").with_ignored_flag(true);
    }
    let needs_root = NEEDS_ROOT.iter().any(|case| name.ends_with(case));
    if needs_root && !rustix::process::geteuid().is_root() {
        return trial.with_kind("needs root").with_ignored_flag(true);
    }
    trial
}

fn play(body: Body, layers: LayerMode) -> Result<(), Failed> {
    let executor = tokio::runtime::Runtime::new()?;
    executor.block_on(async {
        let world = Arc::new(World::new(layers).await);
        let result = body(Arc::clone(&world)).await;
        world.close().await;
        result.map_err(|error| Failed::from(format!("{error:?}")))
    })
}
