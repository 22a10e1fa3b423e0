use gitpod_core::class::{Resources, WorkspaceClass};

const GIB: u64 = 1 << 30;
/// Processes and threads: an editor, a build and a test run use hundreds; a fork bomb stops here.
const PIDS: u32 = 4096;

/// The classes of a server that configures none. Limits, not reservations.
pub(super) fn standard() -> Vec<WorkspaceClass> {
    let class = |id: &str, name: &str, description: &str, cores: u32, memory: u64| {
        let resources = Resources::unlimited()
            .with_cpu_millis(cores * 1000)
            .with_memory_bytes(memory * GIB)
            .with_pids(PIDS);
        let mut class = WorkspaceClass::new(id, name, resources);
        description.clone_into(&mut class.description);
        class
    };
    let mut regular = class(
        "g1-standard",
        "Standard",
        "Up to 4 cores, 8 GiB of memory",
        4,
        8,
    );
    regular.is_default = true;
    vec![
        regular,
        class("g1-small", "Small", "Up to 2 cores, 4 GiB of memory", 2, 4),
        class(
            "g1-large",
            "Large",
            "Up to 8 cores, 16 GiB of memory",
            8,
            16,
        ),
    ]
}
