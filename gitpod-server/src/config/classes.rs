use gitpod_core::class::{Resources, WorkspaceClass};

const GIB: u64 = 1 << 30;
/// Processes and threads: an editor, a build and a test run use hundreds; a fork bomb stops here.
const PIDS: u32 = 4096;

/// The classes of a server that configures none. Limits, not reservations: together they may promise more than the machine has.
pub(super) fn standard() -> Vec<WorkspaceClass> {
    let class = |id: &str, name: &str, cores: u32, memory: u64, disk: u64| {
        let resources = Resources::unlimited()
            .with_cpu_millis(cores * 1000)
            .with_memory_bytes(memory * GIB)
            .with_pids(PIDS)
            .with_disk_bytes(disk * GIB);
        let mut class = WorkspaceClass::new(id, name, resources);
        class.description =
            format!("Up to {cores} cores, {memory} GiB of memory, {disk} GiB of disk");
        class
    };
    let mut regular = class("g1-standard", "Standard", 4, 8, 30);
    regular.is_default = true;
    vec![
        regular,
        class("g1-small", "Small", 2, 4, 30),
        class("g1-large", "Large", 8, 16, 50),
    ]
}
