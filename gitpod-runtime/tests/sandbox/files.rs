//! Mounts: owners on disk, write protection, overlays.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::PathBuf;
use std::sync::Arc;

use gitpod_core::image::RootFs;
use gitpod_core::instance::RunAs;
use gitpod_core::mount::Mount;
use gitpod_core::{ErrorKind, Result};
use gitpod_runtime::WorkspaceRuntime as _;

use crate::world::World;

crate::cases![
    content_carries_the_ids_seen_inside,
    an_overlay_keeps_its_lowers,
    the_tool_chain_can_be_changed_for_oneself,
    layers_make_a_root,
    a_hundred_layers_make_a_root,
    any_directory_name_will_do,
    a_missing_source_is_named,
    a_memory_mount_is_limited,
    setuid_programs_give_root_of_the_instance,
];

fn overlay(world: &World, lowers: Vec<PathBuf>) -> Mount {
    let (upper, work) = (world.path().join("upper"), world.path().join("work"));
    for directory in [&upper, &work] {
        fs::create_dir_all(directory).unwrap();
    }
    chown(&upper, Some(33333), Some(33333)).unwrap();
    Mount::Overlay {
        lowers,
        upper,
        work,
        target: PathBuf::from("/workspace"),
    }
}

async fn content_carries_the_ids_seen_inside(world: Arc<World>) -> Result<()> {
    for lowers in [Vec::new(), vec![world.path().join("lower")]] {
        for lower in &lowers {
            fs::create_dir_all(lower).unwrap();
        }
        let mut spec = World::spec();
        spec.mounts = vec![overlay(&world, lowers)];
        let id = world.start(&spec).await?;
        let script = "cd /workspace && echo hello > file && mkdir -p a/b && stat -c %u file";
        let output = world.sh_as(id, RunAs::GITPOD, script).await?;
        assert_eq!(output.out, "33333\n", "{output:?}");
        let output = world
            .sh(id, "touch /workspace/roots && stat -c %u /workspace/file")
            .await?;
        assert_eq!(output.out, "33333\n", "{output:?}");
        world.runtime.remove(id).await?;
        let upper = world.path().join("upper");
        assert_eq!(fs::metadata(upper.join("file")).unwrap().uid(), 33333);
        assert_eq!(fs::metadata(upper.join("roots")).unwrap().uid(), 0);
        assert_eq!(fs::read(upper.join("file")).unwrap(), b"hello\n");
    }
    Ok(())
}

async fn an_overlay_keeps_its_lowers(world: Arc<World>) -> Result<()> {
    let lower = world.path().join("lower");
    fs::create_dir_all(lower.join("directory")).unwrap();
    for name in ["changed", "removed", "directory/inside"] {
        fs::write(lower.join(name), "lower").unwrap();
        chown(lower.join(name), Some(33333), Some(33333)).unwrap();
    }
    chown(lower.join("directory"), Some(33333), Some(33333)).unwrap();
    let mut spec = World::spec();
    spec.mounts = vec![overlay(&world, vec![lower.clone()])];
    let id = world.start(&spec).await?;
    let script = "cd /workspace && echo upper > changed && rm removed && mv directory renamed && cat renamed/inside";
    let output = world.sh_as(id, RunAs::GITPOD, script).await?;
    assert_eq!(output.out, "lower", "{output:?}");
    world.runtime.remove(id).await?;
    for name in ["changed", "removed", "directory/inside"] {
        assert_eq!(fs::read(lower.join(name)).unwrap(), b"lower", "{name}");
    }
    // A new run, with another range of ids, sees what the old one left.
    let mut again = World::spec();
    again.mounts.clone_from(&spec.mounts);
    let id = world.start(&again).await?;
    let script = "cd /workspace && cat changed renamed/inside && test ! -e removed";
    let output = world.sh_as(id, RunAs::GITPOD, script).await?;
    assert_eq!(output.out, "upper\nlower", "{output:?}");
    assert!(output.exit.is_success());
    Ok(())
}

async fn the_tool_chain_can_be_changed_for_oneself(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    let script =
        "echo mine > /usr/local/bin/mine && cat /usr/local/bin/mine && stat -c %u:%g /usr/bin/env";
    let output = world.sh(id, script).await?;
    assert_eq!(output.out, "mine\n0:0\n", "{output:?}");
    assert!(!PathBuf::from("/usr/local/bin/mine").exists());
    let other = world.start(&World::spec()).await?;
    let output = world.sh(other, "test -e /usr/local/bin/mine").await?;
    assert!(!output.exit.is_success());
    Ok(())
}

async fn layers_make_a_root(world: Arc<World>) -> Result<()> {
    // Two layers: tools below, configuration above. `busybox`-like images are not at hand, the node's programs are.
    let (tools, configuration) = (world.path().join("tools"), world.path().join("etc-layer"));
    fs::create_dir_all(configuration.join("etc")).unwrap();
    fs::write(configuration.join("etc/motd"), "from the upper layer").unwrap();
    std::os::unix::fs::symlink("/run/nowhere", configuration.join("etc/resolv.conf")).unwrap();
    fs::create_dir_all(&tools).unwrap();
    let script = "cp --parents -L /bin/sh /bin/cat /bin/sleep /bin/stat $(ldd /bin/stat /bin/sh /bin/cat | grep -o '/lib[^ ]*' | sort -u) \"$1\"";
    let copied = std::process::Command::new("/bin/sh")
        .args(["-c", script, "sh"])
        .arg(&tools)
        .status()
        .unwrap();
    assert!(copied.success());
    let mut spec = World::spec();
    spec.rootfs = RootFs::Layers(vec![configuration, tools]);
    let id = world.start(&spec).await?;
    let output = world
        .sh(id, "cat /etc/motd /etc/hostname; stat -c %u /bin/sh")
        .await?;
    let expected = format!("from the upper layer{}\n0\n", spec.hostname);
    assert_eq!(output.out, expected, "{output:?}");
    Ok(())
}

/// As many as an image can have, and then some: their names do not fit into one of the kernel's short options.
async fn a_hundred_layers_make_a_root(world: Arc<World>) -> Result<()> {
    let mut layers = Vec::new();
    for number in 0..150 {
        let layer = world.path().join(format!("layer-{number}"));
        fs::create_dir_all(layer.join("numbers")).unwrap();
        fs::write(layer.join("numbers").join(number.to_string()), "").unwrap();
        fs::write(layer.join("top"), number.to_string()).unwrap();
        layers.push(layer);
    }
    let mut spec = World::spec();
    spec.rootfs = RootFs::Layers(layers);
    spec.mounts = vec![Mount::Bind {
        source: PathBuf::from("/usr"),
        target: PathBuf::from("/usr"),
        read_only: true,
    }];
    for link in ["bin", "lib", "lib64"] {
        let layer = world.path().join("layer-149").join(link);
        std::os::unix::fs::symlink(format!("usr/{link}"), layer).unwrap();
    }
    let id = world.start(&spec).await?;
    let output = world.sh(id, "cat /top; ls /numbers | wc -l").await?;
    assert_eq!(output.out, "0150\n", "{output:?}");
    Ok(())
}

async fn any_directory_name_will_do(world: Arc<World>) -> Result<()> {
    let odd = world.path().join("a:b,c\\d e=f");
    let (lower, upper, work) = (odd.join("lo:wer"), odd.join("up,per"), odd.join("wo\\rk"));
    for directory in [&lower, &upper, &work] {
        fs::create_dir_all(directory).unwrap();
    }
    fs::write(lower.join("file"), "lower").unwrap();
    let mut spec = World::spec();
    spec.mounts = vec![Mount::Overlay {
        lowers: vec![lower],
        upper: upper.clone(),
        work,
        target: PathBuf::from("/workspace"),
    }];
    let id = world.start(&spec).await?;
    let output = world
        .sh(id, "cat /workspace/file; echo new > /workspace/other")
        .await?;
    assert_eq!(output.out, "lower", "{output:?}");
    assert_eq!(fs::read(upper.join("other")).unwrap(), b"new\n");
    Ok(())
}

async fn a_missing_source_is_named(world: Arc<World>) -> Result<()> {
    let mut spec = World::spec();
    spec.mounts = vec![Mount::Bind {
        source: PathBuf::from("/no/such/source"),
        target: PathBuf::from("/mnt"),
        read_only: true,
    }];
    let error = world.runtime.ensure(&spec).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("/no/such/source"), "{error}");
    assert_eq!(world.runtime.inspect(spec.id).await?, None);
    Ok(())
}

async fn a_memory_mount_is_limited(world: Arc<World>) -> Result<()> {
    let mut spec = World::spec();
    spec.mounts = vec![Mount::Tmpfs {
        target: PathBuf::from("/scratch"),
        size: 1 << 20,
    }];
    let id = world.start(&spec).await?;
    let output = world
        .sh_as(id, RunAs::GITPOD, "head -c 4M /dev/zero > /scratch/a")
        .await?;
    assert!(output.err.contains("No space left"), "{output:?}");
    Ok(())
}

async fn setuid_programs_give_root_of_the_instance(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    let script = "cp /usr/bin/id /usr/local/bin/me && chmod u+s /usr/local/bin/me";
    assert!(world.sh(id, script).await?.exit.is_success());
    let output = world
        .sh_as(id, RunAs::GITPOD, "me -u; grep CapBnd /proc/self/status")
        .await?;
    assert_eq!(output.out, "0\nCapBnd:\t00000000a00405fb\n", "{output:?}");
    Ok(())
}
