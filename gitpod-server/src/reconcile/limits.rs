//! What a class promises and this machine cannot keep: a start goes on and says so.

use gitpod_core::class::Resources;
use gitpod_core::workspace::{Phase, Workspace};
use gitpod_runtime::Capabilities;

use super::Driver;

impl Driver {
    /// Tells the user of a start which limits of the workspace's class are not kept, once.
    pub(super) fn note_limits(&self, workspace: &mut Workspace) {
        // Until it runs: one that does is not told of what a server found out since.
        if !matches!(
            workspace.status.phase,
            Phase::Preparing | Phase::Building | Phase::Pending | Phase::Creating
        ) {
            return;
        }
        let can = self.parts.runtime.info().capabilities;
        let Ok(resources) = self.resources(workspace) else {
            // The start fails for that.
            return;
        };
        if let Some(warning) = not_kept(resources, can)
            && let Some(instance) = &mut workspace.status.instance
            && !instance.warnings.contains(&warning)
        {
            instance.warnings.push(warning);
        }
    }
}

/// What to tell, if anything. A runtime that only plays has nothing to limit.
fn not_kept(wanted: &Resources, can: Capabilities) -> Option<String> {
    let missing: Vec<_> = [
        (wanted.memory_bytes.is_some(), can.memory_limit, "memory"),
        (wanted.cpu_millis.is_some(), can.cpu_limit, "CPU"),
        (wanted.pids.is_some(), can.pids_limit, "processes"),
    ]
    .into_iter()
    .filter_map(|(wanted, can, name)| (wanted && !can).then_some(name))
    .collect();
    let names = missing.join(" and ");
    (can.processes && !missing.is_empty()).then(|| {
        format!(
            "the limits of its class for {names} are not kept on this machine: `gitpod-server doctor` says what is missing"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_and_missing_is_told() {
        let wanted = Resources::unlimited()
            .with_memory_bytes(1 << 30)
            .with_cpu_millis(1000);
        let mut can = Capabilities::default();
        assert_eq!(not_kept(&wanted, can), None);
        can.processes = true;
        let told = not_kept(&wanted, can).unwrap();
        assert!(told.contains("for memory and CPU are"), "{told}");
        assert_eq!(not_kept(&Resources::unlimited(), can), None);
        (can.memory_limit, can.cpu_limit) = (true, true);
        assert_eq!(not_kept(&wanted, can), None);
    }
}
