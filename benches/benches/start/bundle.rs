//! An OCI bundle that asks of `crun` and `runc` what we do: namespaces, limits, filter, masks.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::contender::{MEMORY, PIDS};

const CAPABILITIES: [&str; 12] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT",
    "CAP_AUDIT_WRITE",
    "CAP_SETFCAP",
];

pub(crate) fn write(bundle: &Path, payload: &Path) -> Result<()> {
    let root = bundle.join("rootfs");
    for directory in ["proc", "sys", "dev"] {
        fs::create_dir_all(root.join(directory)).context("cannot make a bundle")?;
    }
    fs::copy(payload, root.join("stamp")).context("cannot make a bundle")?;
    let config = serde_json::to_vec_pretty(&configuration())?;
    fs::write(bundle.join("config.json"), config).context("cannot make a bundle")
}

fn configuration() -> Value {
    let namespaces: Vec<_> = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"]
        .into_iter()
        .map(|kind| json!({ "type": kind }))
        .collect();
    let ids = json!([{ "containerID": 0, "hostID": 1_000_000, "size": 65_536 }]);
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "user": { "uid": 0, "gid": 0 },
            "args": ["/stamp"],
            "cwd": "/",
            "noNewPrivileges": false,
            "capabilities": {
                "bounding": CAPABILITIES, "effective": CAPABILITIES, "permitted": CAPABILITIES,
            },
        },
        "root": { "path": "rootfs", "readonly": true },
        "hostname": "bench",
        "mounts": mounts(),
        "linux": {
            "namespaces": namespaces,
            "uidMappings": ids,
            "gidMappings": ids,
            "resources": {
                "memory": { "limit": MEMORY },
                "pids": { "limit": PIDS },
            },
            "seccomp": seccomp(),
            "maskedPaths": [
                "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys",
                "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
            ],
            "readonlyPaths": [
                "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
            ],
        },
    })
}

fn mounts() -> Value {
    json!([
        { "destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"] },
        { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"] },
        { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=1m"] },
        { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
          "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
        { "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777"] },
        { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"] },
    ])
}

/// The same list as ours, with the same conditions.
fn seccomp() -> Value {
    let only = |name: &str, operator: &str, value: u64| {
        json!({ "names": [name], "action": "SCMP_ACT_ALLOW",
                "args": [{ "index": 0, "value": value, "op": operator }] })
    };
    let mut calls = vec![
        json!({ "names": gitpod_runtime::sandbox::allowed_system_calls(), "action": "SCMP_ACT_ALLOW" }),
        json!({ "names": ["clone"], "action": "SCMP_ACT_ALLOW",
                "args": [{ "index": 0, "value": 0x7e02_0000, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ" }] }),
        json!({ "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 }),
        only("socket", "SCMP_CMP_LT", 38),
        only("socket", "SCMP_CMP_EQ", 39),
        only("socket", "SCMP_CMP_GT", 40),
    ];
    calls.extend(
        [0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff]
            .map(|value| only("personality", "SCMP_CMP_EQ", value)),
    );
    json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": 1,
        "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": calls,
    })
}
