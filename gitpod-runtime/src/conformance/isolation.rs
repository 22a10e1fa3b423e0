//! Nothing of the node, and nothing of a neighbour, can be reached.

use std::sync::Arc;

use gitpod_core::{Error, Result};
use tokio::net::TcpListener;

use super::case::{Bench, Need, cases, check};

cases! {
    "isolation::processes_of_others_are_invisible" [Need::Exec, Need::Isolation] => processes;
    "isolation::sockets_of_the_node_are_unreachable" [Need::Exec, Need::Isolation] => sockets;
    "isolation::files_of_the_node_are_invisible" [Need::Exec, Need::Isolation] => files;
    "isolation::root_inside_is_nobody_outside" [Need::Exec, Need::Isolation] => users;
    "isolation::the_host_name_is_its_own" [Need::Exec, Need::Isolation] => host_name;
    "isolation::read_only_mounts_are" [Need::Exec, Need::Isolation] => read_only;
    "isolation::every_process_is_filtered" [Need::Exec, Need::Isolation] => filtered;
}

async fn processes(bench: Arc<Bench>) -> Result<()> {
    let (spec, _neighbour) = (bench.idle().await?, bench.idle().await?);
    let finished = bench.run(spec.id, &["print", "processes"]).await?;
    let seen: u32 = finished.stdout.trim().parse().unwrap_or(u32::MAX);
    // Its command, this program, and at most an init of the runtime's.
    check((1..=3).contains(&seen), || {
        format!("expected to see 2 or 3 processes, got {finished:?}")
    })
}

async fn sockets(bench: Arc<Bench>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|e| Error::unexpected(e.to_string()))?;
    let address = listener
        .local_addr()
        .map_err(|e| Error::unexpected(e.to_string()))?;
    let spec = bench.idle().await?;
    let finished = bench
        .run(spec.id, &["connect", &address.to_string()])
        .await?;
    check(finished.exit.code == Some(1), || {
        format!("reached a socket of the node: {finished:?}")
    })
}

async fn files(bench: Arc<Bench>) -> Result<()> {
    let path = std::env::temp_dir().join(format!("conformance-secret-{}", std::process::id()));
    std::fs::write(&path, "secret").map_err(|e| Error::unexpected(e.to_string()))?;
    let spec = bench.idle().await?;
    let finished = bench
        .run(spec.id, &["exists", &path.display().to_string()])
        .await;
    std::fs::remove_file(&path).map_err(|e| Error::unexpected(e.to_string()))?;
    let finished = finished?;
    check(finished.exit.code == Some(1), || {
        format!("a file of the node is visible: {finished:?}")
    })
}

async fn users(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let finished = bench.run(spec.id, &["print", "uid_map"]).await?;
    // First id inside, first id outside, how many: none may be the node's root.
    let outside = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    let mut firsts = finished.stdout.lines().map(outside).peekable();
    check(
        firsts.peek().is_some() && firsts.all(|id| id.is_some_and(|id| id != "0")),
        || format!("root is root: {finished:?}"),
    )
}

async fn host_name(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let finished = bench.run(spec.id, &["print", "hostname"]).await?;
    check(finished.stdout.trim() == spec.hostname, || {
        format!("expected {}, got {finished:?}", spec.hostname)
    })
}

async fn read_only(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let finished = bench.run(spec.id, &["write", "/conformance/guest"]).await?;
    check(finished.exit.code == Some(1), || {
        format!("wrote to a read-only mount: {finished:?}")
    })?;
    let finished = bench.run(spec.id, &["write", "/tmp/mine"]).await?;
    check(finished.exit.code == Some(0), || {
        format!("cannot write to its own /tmp: {finished:?}")
    })
}

async fn filtered(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let finished = bench.run(spec.id, &["print", "status"]).await?;
    let mode = finished
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("Seccomp:"))
        .map(str::trim);
    check(mode == Some("2"), || {
        format!("a command runs without a system call filter: {mode:?}")
    })
}
