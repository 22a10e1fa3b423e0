//! Servers, launchers and shims die; workspaces do not notice, or end in order.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::instance::{InstancePhase, Network};
use gitpod_core::{InstanceId, Result};
use gitpod_runtime::WorkspaceRuntime as _;
use gitpod_runtime::sandbox::{SandboxConfig, SandboxRuntime};

use crate::world::{PATIENCE, World, idle};

crate::cases![
    a_killed_server_is_not_noticed,
    a_killed_launcher_is_replaced,
    a_killed_shim_ends_its_instance,
    a_way_out_ends_with_its_shim,
    a_crash_while_starting_leaves_nothing,
];

const SERVER: &str = "--server";

/// Plays a server that starts one instance after the other, until it is killed.
pub(crate) fn act_as_server() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next()? != SERVER {
        return None;
    }
    let state = PathBuf::from(arguments.next()?);
    let executor = tokio::runtime::Runtime::new().unwrap();
    executor.block_on(async {
        let runtime = SandboxRuntime::open(SandboxConfig::new(state))
            .await
            .unwrap();
        loop {
            let spec = idle();
            // A start whose launcher is killed fails; the next one does not.
            if runtime.ensure(&spec).await.is_ok() {
                say(&spec.id.to_string());
            }
        }
    })
}

fn say(line: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout();
    // The parent may have had enough.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn server(state: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .arg(SERVER)
        .arg(state)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

async fn a_killed_server_is_not_noticed(world: Arc<World>) -> Result<()> {
    let state = world.path().join("state");
    let mut child = server(&state);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let id: InstanceId = lines.next().unwrap().unwrap().parse().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let found = SandboxRuntime::open(SandboxConfig::new(&state)).await?;
    let state = found.inspect(id).await?;
    assert_eq!(state.map(|state| state.phase), Some(InstancePhase::Running));
    let output = world.sh(id, "echo still here").await?;
    assert_eq!(output.out, "still here\n");
    found.remove(id).await
}

async fn a_killed_launcher_is_replaced(world: Arc<World>) -> Result<()> {
    let state = world.path().join("other");
    let mut child = server(&state);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> InstanceId { lines.next().unwrap().unwrap().parse().unwrap() };
    let first = next();
    let launchers = children("gitpod-launcher", child.id());
    assert_eq!(launchers.len(), 1, "{launchers:?}");
    kill(launchers[0]);
    // Some may have been told before the launcher died.
    let last = (0..20).map(|_| next()).last().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let runtime = SandboxRuntime::open(SandboxConfig::new(&state)).await?;
    for id in [first, last] {
        let state = runtime.inspect(id).await?.map(|state| state.phase);
        assert_eq!(state, Some(InstancePhase::Running), "{id}");
    }
    runtime.purge().await
}

async fn a_killed_shim_ends_its_instance(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    let (shim, init) = processes(&world, id);
    kill(shim);
    let exit = world.exit(id).await;
    assert!(exit.message.is_some(), "{exit:?}");
    gone(init).await;
    Ok(())
}

/// However an instance ends, what gives it its way out ends, too; and the server's end is none.
async fn a_way_out_ends_with_its_shim(world: Arc<World>) -> Result<()> {
    let mut spec = World::spec();
    spec.network = Network::Egress;
    let (killed, removed) = (world.start(&spec).await?, {
        spec.id = InstanceId::random();
        world.start(&spec).await?
    });
    let (shim, first) = outlet(&world, killed).await;
    let (_, second) = outlet(&world, removed).await;
    let again = SandboxRuntime::open(world.config()).await?;
    let state = again.inspect(removed).await?;
    assert_eq!(state.map(|state| state.phase), Some(InstancePhase::Running));
    kill(shim);
    gone(first).await;
    assert!(Path::new(&format!("/proc/{second}")).exists());
    again.remove(removed).await?;
    gone(second).await;
    Ok(())
}

/// An instance's shim, and what gives the instance its way out: `pasta`, which becomes `passt` of some kind.
async fn outlet(world: &World, id: InstanceId) -> (i32, i32) {
    let (shim, _) = processes(world, id);
    let find = async {
        loop {
            if let [outlet] = *children("pas", shim.cast_unsigned()) {
                return (shim, outlet);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, find)
        .await
        .expect("there is one")
}

/// An instance's shim and its first process.
fn processes(world: &World, id: InstanceId) -> (i32, i32) {
    let record = world.path().join("state/instances").join(id.to_string());
    let record = std::fs::read_to_string(record.join("state.json")).unwrap();
    let number = |key: &str| -> i32 {
        let rest = record.split(&format!("\"{key}\":")).nth(1).unwrap();
        rest.split(|c: char| !c.is_ascii_digit())
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    (number("shim"), number("init"))
}

async fn gone(process: i32) {
    let gone = async {
        while Path::new(&format!("/proc/{process}")).exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone)
        .await
        .expect("nobody is left without a shim");
}

async fn a_crash_while_starting_leaves_nothing(world: Arc<World>) -> Result<()> {
    let state = world.path().join("other");
    for round in 0..10_u64 {
        let mut child = server(&state);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next();
        assert!(matches!(first, Some(Ok(_))), "{first:?}");
        tokio::time::sleep(Duration::from_millis(round * 3)).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let runtime = SandboxRuntime::open(SandboxConfig::new(&state)).await?;
    let settled = async {
        loop {
            let list = runtime.list().await.unwrap();
            if list
                .iter()
                .all(|state| state.phase == InstancePhase::Running)
            {
                return list;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let list = tokio::time::timeout(PATIENCE, settled)
        .await
        .expect("all run");
    assert!(list.len() >= 10, "{} instances", list.len());
    let count = |name: &str| std::fs::read_dir(state.join(name)).unwrap().count();
    assert_eq!(
        (count("instances"), count("slots")),
        (list.len(), list.len())
    );
    runtime.purge().await
}

/// Processes whose name begins so, and whose parent is `parent`.
fn children(name: &str, parent: u32) -> Vec<i32> {
    let parent = parent.to_string();
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let Some((before, after)) = stat.rsplit_once(')') else {
                return false;
            };
            before.contains(&format!("({name}")) && after.split(' ').nth(2) == Some(&*parent)
        })
        .collect()
}

fn kill(pid: i32) {
    let status = Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}
