//! The whole way, from the API call to `running`, and what a hundred workspaces cost the server.
//!
//! ```text
//! cargo bench -p benches --bench fleet [-- WORKSPACES]
//! ```
//!
//! One server in this process, over the real sandbox, a small repository on this machine, everything cached. First single
//! starts with each installed editor: the median of each step, what is git's and the editor's own, and what is ours. Then many
//! workspaces with the terminal editor, ten at a time, and an idle minute: the server's CPU time and memory.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures time and prints"
)]

#[path = "fleet/process.rs"]
mod process;
#[path = "fleet/repository.rs"]
mod repository;
#[path = "fleet/start.rs"]
mod start;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use gitpod_core::access::Principal;
use gitpod_core::workspace::Workspace;
use gitpod_server::config::Config;
use gitpod_server::server::Server;
use gitpod_server::{CreateWorkspace, Platform};
use start::Starts;

/// Single starts per editor.
const ROUNDS: usize = 10;
/// Workspaces of the fleet.
const FLEET: usize = 100;
/// Started at once.
const AT_ONCE: usize = 10;
/// How long the idle server is watched.
const IDLE: Duration = Duration::from_secs(30);

fn main() -> Result<()> {
    gitpod_runtime::sandbox::reexec();
    if std::env::args_os()
        .next()
        .is_some_and(|name| gitpod_ide::supervisor::is_supervisor(&name))
    {
        std::process::exit(i32::from(
            gitpod_ide::supervisor::main() != std::process::ExitCode::SUCCESS,
        ));
    }
    let fleet = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(FLEET);
    tokio::runtime::Runtime::new()?.block_on(run(fleet))
}

async fn run(fleet: usize) -> Result<()> {
    let directory = tempfile::tempdir().context("no temporary directory")?;
    let repository = repository::make(directory.path())?;
    let mut config = Config::default();
    config.data_dir = directory.path().join("data");
    config.listen.set_port(0);
    config.supervisor = std::env::var_os("GITPOD_SUPERVISOR").map(Into::into);
    let server = Server::start(config).await.map_err(tell)?;
    let owner = Principal::User(server.first_run.administrator.clone());
    for editor in ["terminal", "code"] {
        single(&server.platform, &owner, &repository, editor).await?;
    }
    many(&server.platform, &owner, &repository, fleet).await?;
    idle().await?;
    for workspace in server.platform.list(&owner, all()).await.map_err(tell)? {
        server
            .platform
            .delete(&owner, &workspace.id)
            .await
            .map_err(tell)?;
        server
            .platform
            .wait_until_stopped(&owner, &workspace.id)
            .await
            .map_err(tell)?;
    }
    server.stop().await.map_err(tell)
}

async fn single(platform: &Platform, owner: &Principal, url: &str, editor: &str) -> Result<()> {
    let mut starts = Starts::default();
    // One round to warm caches, not counted.
    for round in 0..=ROUNDS {
        let began = Instant::now();
        let workspace = match create(platform, owner, url, editor).await {
            Ok(workspace) => workspace,
            Err(error) => {
                println!("{editor}: not measured: {error:#}");
                return Ok(());
            }
        };
        if round > 0 {
            starts.add(began.elapsed(), &workspace);
        }
        platform.delete(owner, &workspace.id).await.map_err(tell)?;
        platform
            .wait_until_stopped(owner, &workspace.id)
            .await
            .map_err(tell)?;
    }
    starts.print(editor);
    Ok(())
}

async fn many(platform: &Platform, owner: &Principal, url: &str, fleet: usize) -> Result<()> {
    let began = Instant::now();
    let started: Vec<Workspace> = stream::iter(0..fleet)
        .map(|_| create(platform, owner, url, "terminal"))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    println!(
        "{} workspaces, {AT_ONCE} at a time: all running after {:.1} s",
        started.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn idle() -> Result<()> {
    // Supervisors look often at first; what counts is the long run.
    tokio::time::sleep(IDLE).await;
    let before = process::cpu_time()?;
    tokio::time::sleep(IDLE).await;
    let used = process::cpu_time()?.saturating_sub(before);
    println!(
        "idle server with them: {:.2} % of a core, {:.0} MB resident",
        100.0 * used.as_secs_f64() / IDLE.as_secs_f64(),
        process::resident_megabytes()?
    );
    Ok(())
}

async fn create(
    platform: &Platform,
    owner: &Principal,
    url: &str,
    editor: &str,
) -> Result<Workspace> {
    let mut request = CreateWorkspace::new(url);
    request.editor = Some(editor.to_owned());
    let workspace = platform.create(owner, request).await.map_err(tell)?;
    platform
        .wait_until_running(owner, &workspace.id)
        .await
        .map_err(tell)
}

fn all() -> gitpod_core::store::Query {
    let mut query = gitpod_core::store::Query::default();
    query.limit = 10_000;
    query
}

/// With causes and hint.
fn tell(error: gitpod_core::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}
