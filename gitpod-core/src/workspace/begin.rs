use super::{ContentState, Desired, InstanceStatus, Phase, StepKind, StepState, Workspace};
use crate::{InstanceId, Secret, Timestamp};

/// Makes `instance` the current one of a stopped workspace: phase `preparing`, a token of its own, the first four steps told.
///
/// # Behavior
/// The caller has made sure that the last instance is stopped; steps that a creation measured itself may be overwritten
/// afterwards.
pub fn begin(
    workspace: &mut Workspace,
    instance: InstanceId,
    owner_token: Secret<String>,
    now: Timestamp,
) {
    workspace.desired = Desired::Running(instance);
    let mut status = InstanceStatus::new(instance, owner_token, now);
    status.warnings.clone_from(&workspace.spec.warnings);
    if let Some(editor) = &workspace.spec.editor {
        status.ide.id.clone_from(editor);
    }
    let context = match workspace.status.content {
        ContentState::Present => "as recorded when the workspace was created",
        ContentState::Absent | ContentState::Deleted => workspace.spec.context.title.as_str(),
    };
    for (kind, detail) in [
        (StepKind::Request, "start"),
        (StepKind::Access, "allowed"),
        (StepKind::Context, context),
        (StepKind::Record, "instance recorded"),
    ] {
        if let Some(step) = status.steps.iter_mut().find(|step| step.kind == kind) {
            step.state = StepState::Done;
            step.started_at = Some(now);
            step.ended_at = Some(now);
            detail.clone_into(&mut step.detail);
        }
    }
    workspace.status.instance = Some(status);
    workspace.status.phase = Phase::Preparing;
    workspace.status.phase_since = now;
}
