//! The brain alone: facts in, decision out. Nothing is run, read or written, and time is what we say it is.
//!
//! `cargo run -p examples --example plan_a_workspace`
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use gitpod_core::workspace::timeout::Policy;
use gitpod_core::workspace::{
    Action, ContextRecord, Desired, EditorFact, Effects, Facts, InstanceFact, NewWorkspace,
    Outcome, Phase, StopReason, SupervisorFacts, VolumeFact, Workspace, decide,
};
use gitpod_core::{InstanceId, OrganizationId, Timestamp, UserId, WorkspaceId};

/// As much of a world as the decisions need: every effect succeeds at once.
#[derive(Default)]
struct World {
    runs: bool,
    filled: bool,
    effects: Effects,
}

impl World {
    fn facts(&self, now: Timestamp) -> Facts {
        let mut facts = Facts::new(now);
        facts.effects = self.effects.clone();
        if self.filled {
            facts.volume = VolumeFact::Complete;
        }
        if self.runs {
            facts.instance = InstanceFact::Running { since: None };
            facts.supervisor = Some(SupervisorFacts {
                editor: EditorFact {
                    ready: true,
                    failed: None,
                },
                ..SupervisorFacts::default()
            });
        }
        facts
    }

    fn apply(&mut self, action: &Action, now: Timestamp) {
        let Some(effect) = action.effect() else {
            return;
        };
        match action {
            Action::InitContent { .. } => self.filled = true,
            Action::EnsureInstance { .. } => self.runs = true,
            Action::StopInstance { .. } | Action::RemoveInstance { .. } => self.runs = false,
            _ => {}
        }
        self.effects.begin(effect, now);
        self.effects.end(effect, now, Ok(Outcome::Done));
    }
}

fn main() -> anyhow::Result<()> {
    let now = Timestamp::UNIX_EPOCH;
    let spec = NewWorkspace::new(
        UserId::random(),
        OrganizationId::random(),
        ContextRecord::new("https://git.example/o/r"),
    );
    let id = WorkspaceId::parse("amber-falcon-k3v9x2ab")?;
    let mut workspace = Workspace::new(id, spec, now);
    let (mut world, policy) = (World::default(), Policy::default());

    workspace.desired = Desired::Running(InstanceId::random());
    for wanted in [Phase::Running, Phase::Stopped] {
        while workspace.status.phase != wanted {
            let round = decide(&workspace, &world.facts(now), &policy);
            println!(
                "{:>12} -> {:<12} {:?}",
                workspace.status.phase.as_str(),
                round.workspace.status.phase.as_str(),
                round.decision.actions
            );
            for action in &round.decision.actions {
                world.apply(action, now);
            }
            workspace = round.workspace;
        }
        workspace.desired = Desired::Stopped(StopReason::Requested);
    }
    Ok(())
}
