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
#[path = "sandbox/survival.rs"]
mod survival;
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
    .map(|(name, body)| Trial::test(*name, move || play(*body, LayerMode::Auto)))
    // Whatever is about overlays, the way of kernels before 6.15, too.
    .chain(files::CASES.iter().map(|(name, body)| {
        let name = format!("{name}_of_attached_layers");
        Trial::test(name, move || play(*body, LayerMode::Attached))
    }))
    .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
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
