//! From inside, nothing but the inside can be reached.

use std::sync::Arc;

use gitpod_core::Result;
use gitpod_core::class::Resources;
use gitpod_core::instance::RunAs;
use gitpod_runtime::{Command, StopMode, WorkspaceRuntime as _};

use crate::world::{World, run};

crate::cases![
    every_process_is_confined,
    escapes_are_refused,
    the_node_is_out_of_sight,
    neighbours_are_out_of_reach,
    control_groups_cannot_be_written,
    the_first_process_is_untouchable,
    ids_of_instances_differ,
    nothing_is_left_on_the_node,
];

async fn every_process_is_confined(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    let status = "grep -E '^(Seccomp|CapBnd|CapEff):' /proc/self/status; grep ^Seccomp: /proc/1/status; grep -E '^(Seccomp|CapEff):' /proc/2/status";
    let seen = world.sh(id, status).await?.out;
    assert_eq!(seen.matches("Seccomp:\t2").count(), 3, "{seen}");
    // Docker's set without NET_RAW and MKNOD.
    assert_eq!(seen.matches("00000000a00405fb").count(), 3, "{seen}");
    let user = world.sh_as(id, RunAs::GITPOD, status).await?.out;
    assert!(user.contains("CapEff:\t0000000000000000"), "{user}");
    Ok(())
}

async fn escapes_are_refused(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    for attempt in [
        "unshare -U true",
        "unshare -m true",
        "nsenter -t 1 -m true",
        "mount -t tmpfs none /mnt",
        "umount /proc/kcore",
        "mount -o remount,rw /sys/fs/cgroup/memory",
        "mkdir /sys/fs/cgroup/memory/mine",
        "mount -o remount,rw /sys/fs/cgroup",
        "mkdir /sys/fs/cgroup/mine",
        "mknod /tmp/disk b 254 0",
        "chroot /proc/1/root true",
        "sysctl -w kernel.core_pattern=x",
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
        "echo b > /proc/sysrq-trigger",
        "hostname other",
        "ip link add dummy0 type dummy",
        "dmesg",
        "cat /proc/kcore | grep -q .",
        "python3 -c 'import socket; socket.socket(40, 1)'",
    ] {
        let output = world.sh(id, attempt).await?;
        assert!(!output.exit.is_success(), "{attempt}: {output:?}");
    }
    Ok(())
}

async fn the_node_is_out_of_sight(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    let state = world.path().display().to_string();
    for path in [
        "/etc/shadow",
        "/etc/ssh",
        "/var/run/docker.sock",
        "/var/lib/dpkg",
        &state,
    ] {
        let output = world.sh(id, &format!("test -e {path}")).await?;
        assert!(!output.exit.is_success(), "{path} is there");
    }
    let output = world
        .sh(id, "ls -A /root /home /tmp; cat /proc/mounts")
        .await?;
    assert!(!output.out.contains(&state), "{}", output.out);
    assert!(output.out.contains("gitpod"), "{}", output.out);
    // Abstract sockets are bound to the network namespace. What gives the way out may have one without a name while it starts.
    let output = world.sh(id, "grep '[/@]' /proc/net/unix").await?;
    assert_eq!(output.out.trim(), "", "a socket with a name");
    // Devices: those six and what terminals need.
    let output = world
        .sh(id, "ls /dev; test ! -e /dev/kvm && test ! -e /dev/vda")
        .await?;
    assert!(output.exit.is_success(), "{output:?}");
    Ok(())
}

async fn neighbours_are_out_of_reach(world: Arc<World>) -> Result<()> {
    let (a, b) = (
        world.start(&World::spec()).await?,
        world.start(&World::spec()).await?,
    );
    world
        .sh(b, "echo secret > /tmp/mine; echo secret > /dev/shm/mine")
        .await?;
    let output = world
        .sh(
            a,
            "cat /tmp/mine /dev/shm/mine; ls /proc | grep -c '^[0-9]'",
        )
        .await?;
    assert!(!output.out.contains("secret"), "{output:?}");
    // init, the command, sh, ls, grep; of nobody else.
    let seen: u32 = output.out.trim().parse().unwrap_or(u32::MAX);
    assert!(seen <= 5, "{seen} processes");
    Ok(())
}

async fn control_groups_cannot_be_written(world: Arc<World>) -> Result<()> {
    let mut spec = World::spec();
    spec.resources = Resources::unlimited().with_memory_bytes(256 << 20);
    let id = world.start(&spec).await?;
    let limits =
        "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null";
    let output = world.sh(id, limits).await?;
    assert_eq!(
        output.out.trim(),
        (256 << 20).to_string(),
        "limits can be read"
    );
    let script = "find /sys/fs/cgroup -type f -writable 2>/dev/null | head; cat /proc/self/cgroup";
    let output = world.sh(id, script).await?;
    assert!(!output.out.contains("cgroup.procs"), "{}", output.out);
    assert!(
        !output.out.contains("gitpod-"),
        "the namespace hides the group: {}",
        output.out
    );
    Ok(())
}

async fn the_first_process_is_untouchable(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    for attempt in [
        "cat /proc/1/environ",
        "ls /proc/1/fd",
        "readlink /proc/1/exe",
        "cat /proc/1/maps | grep -q .",
    ] {
        let output = world.sh(id, attempt).await?;
        assert!(!output.exit.is_success(), "{attempt}: {output:?}");
    }
    // What would end another process at once.
    world
        .sh(id, "kill -9 1; kill -STOP 1; kill -SEGV 1; sleep 0.1")
        .await?;
    let output = world.sh(id, "echo alive").await;
    assert!(output.is_ok_and(|output| output.out == "alive\n"));
    Ok(())
}

async fn ids_of_instances_differ(world: Arc<World>) -> Result<()> {
    let (a, b) = (
        world.start(&World::spec()).await?,
        world.start(&World::spec()).await?,
    );
    let map = "cat /proc/self/uid_map";
    let (a, b) = (world.sh(a, map).await?.out, world.sh(b, map).await?.out);
    let first = |map: &str| map.split_whitespace().nth(1).map(str::to_owned);
    assert_ne!(first(&a), first(&b));
    assert!(a.trim_end().ends_with("65536"), "{a}");
    Ok(())
}

async fn nothing_is_left_on_the_node(world: Arc<World>) -> Result<()> {
    let mounts = || {
        std::fs::read_to_string("/proc/self/mountinfo")
            .unwrap()
            .lines()
            .count()
    };
    let before = mounts();
    let id = world.start(&World::spec()).await?;
    assert_eq!(mounts(), before, "mounts show on the node");
    run(&world.runtime, id, &Command::new(["/bin/true"])).await?;
    world.runtime.stop(id, StopMode::Kill).await?;
    world.runtime.remove(id).await?;
    assert_eq!(mounts(), before);
    let left = std::fs::read_dir(world.path().join("state/instances"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
    Ok(())
}
