//! Limits hurt their own workspace, and the others go on.

use std::sync::Arc;

use gitpod_core::Result;
use gitpod_core::class::Resources;
use gitpod_runtime::WorkspaceRuntime as _;

use crate::world::World;

crate::cases![
    a_fork_bomb_stays_at_home,
    a_memory_hog_dies_alone,
    a_full_disk_is_the_workspaces_own,
    a_log_does_not_grow_without_end,
];

async fn a_fork_bomb_stays_at_home(world: Arc<World>) -> Result<()> {
    let mut bomb = World::spec();
    bomb.resources = Resources::unlimited().with_pids(64);
    bomb.command = [
        "/bin/sh",
        "-c",
        "bomb() { bomb | bomb & }; bomb; sleep infinity",
    ]
    .map(String::from)
    .to_vec();
    let bomb = world.start(&bomb).await?;
    let other = world.start(&World::spec()).await?;
    let output = world
        .sh(other, "for i in 1 2 3 4 5; do /bin/true || exit 1; done")
        .await?;
    assert!(output.exit.is_success(), "{output:?}");
    world.runtime.remove(bomb).await
}

async fn a_memory_hog_dies_alone(world: Arc<World>) -> Result<()> {
    let mut spec = World::spec();
    spec.resources = Resources::unlimited().with_memory_bytes(64 << 20);
    let id = world.start(&spec).await?;
    let hog = "exec python3 -c 'x = bytearray(256 << 20)'";
    let output = world.sh(id, hog).await?;
    assert!(output.exit.oom_killed, "{output:?}");
    // The command was not the one that was killed.
    let output = world.sh(id, "echo alive").await?;
    assert_eq!(output.out, "alive\n", "{output:?}");
    Ok(())
}

async fn a_full_disk_is_the_workspaces_own(world: Arc<World>) -> Result<()> {
    let mut config = world.config();
    config.root_bytes = 8 << 20;
    let runtime = gitpod_runtime::sandbox::SandboxRuntime::open(config).await?;
    let spec = World::spec();
    runtime.ensure(&spec).await?;
    let output = world
        .sh(spec.id, "head -c 64M /dev/zero > /var/tmp/full")
        .await?;
    assert!(output.err.contains("No space left"), "{output:?}");
    Ok(())
}

async fn a_log_does_not_grow_without_end(world: Arc<World>) -> Result<()> {
    let mut spec = World::spec();
    spec.command = [
        "/bin/sh",
        "-c",
        "head -c 8M /dev/zero | tr '\\0' x; echo the end",
    ]
    .map(String::from)
    .to_vec();
    let id = world.start(&spec).await?;
    assert!(world.exit(id).await.is_success());
    let log = world.runtime.log_tail(id, 16 << 20).await?;
    assert!(log.ends_with(b"the end\n"), "{} bytes", log.len());
    assert!(log.len() < 3 << 20, "{} bytes", log.len());
    Ok(())
}
