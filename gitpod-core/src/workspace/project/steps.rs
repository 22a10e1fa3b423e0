use super::super::timeout::Policy;
use super::super::{
    EffectKind, EffectState, Facts, InstanceFact, InstanceStatus, Outcome, Phase, Step, StepKind,
    StepState, Verdict,
};
use crate::Timestamp;

/// Moves the steps of a start forward; an ended step never changes again.
pub(super) fn advance(instance: &mut InstanceStatus, phase: Phase, facts: &Facts, policy: &Policy) {
    if matches!(phase, Phase::Stopping | Phase::Stopped) {
        return;
    }
    let runs = matches!(facts.instance, InstanceFact::Running { .. });
    for (step, effect) in [
        (StepKind::Image, EffectKind::Image),
        (StepKind::Content, EffectKind::Content),
        (StepKind::Runtime, EffectKind::Instance),
    ] {
        let step = find(&mut instance.steps, step);
        from_effect(step, facts, effect, policy);
        if runs {
            finish(step, facts.now, "");
        }
    }
    let runtime_ended = find(&mut instance.steps, StepKind::Runtime).ended_at;
    if let Some(since) = waits_for_package(&instance.steps, facts) {
        let editor = find(&mut instance.steps, StepKind::Editor);
        start(editor, since);
        editor.detail = String::from("fetching its package");
    }
    let ready = instance.ide.ready;
    let detail = match instance.ide.reason.as_str() {
        "" => instance.ide.label.clone(),
        reason => format!("{}: {reason}", instance.ide.label),
    };
    let editor = find(&mut instance.steps, StepKind::Editor);
    if let Some(EffectState::Failed { error, .. }) = facts.effects.get(EffectKind::Editor) {
        if is_open(editor) {
            editor.detail.clone_from(&error.message);
        }
    } else if runs {
        start(editor, runtime_ended.unwrap_or(facts.now));
        if is_open(editor) {
            editor.detail = detail;
        }
        if ready {
            finish(editor, facts.now, "");
        }
    }
}

/// Since when the start waits for the editor's package alone, if it does: everything else before the instance is done.
fn waits_for_package(steps: &[Step], facts: &Facts) -> Option<Timestamp> {
    let Some(EffectState::Running { since, .. }) = facts.effects.get(EffectKind::Editor) else {
        return None;
    };
    let ended = |kind| steps.iter().find(|step| step.kind == kind)?.ended_at;
    let others = ended(StepKind::Image)?.max(ended(StepKind::Content)?);
    Some(others.max(*since))
}

/// The last step: the proxy finds a running workspace at once, so it takes no time of its own.
pub(super) fn route(instance: &mut InstanceStatus, now: Timestamp) {
    finish(
        find(&mut instance.steps, StepKind::Route),
        now,
        "the proxy knows it",
    );
}

/// Marks what was under way as failed, once a start has come to its end early.
pub(super) fn give_up(instance: &mut InstanceStatus, now: Timestamp) {
    if instance.started_at.is_some() {
        return;
    }
    // Its own cause is on the step that failed; what ran beside it only looks as if it had one.
    let why = if instance
        .steps
        .iter()
        .any(|step| step.state == StepState::Failed)
    {
        "given up: another step failed"
    } else if instance.failure.is_none() {
        "given up: the workspace is to stop"
    } else {
        ""
    };
    for step in &mut instance.steps {
        if step.state == StepState::Running {
            step.state = StepState::Failed;
            step.ended_at = Some(now);
            if step.detail.is_empty() {
                why.clone_into(&mut step.detail);
            }
        }
    }
    let none_failed = instance
        .steps
        .iter()
        .all(|step| step.state != StepState::Failed);
    if instance.failure.is_some()
        && none_failed
        && let Some(step) = instance.steps.iter_mut().find(|step| is_open(step))
    {
        start(step, now);
        step.state = StepState::Failed;
        step.ended_at = Some(now);
    }
}

fn find(steps: &mut Vec<Step>, kind: StepKind) -> &mut Step {
    let position = steps.iter().position(|step| step.kind == kind);
    let position = position.unwrap_or_else(|| {
        // A record of an older version may lack a step.
        steps.push(Step::pending(kind));
        steps.len() - 1
    });
    &mut steps[position]
}

fn from_effect(step: &mut Step, facts: &Facts, effect: EffectKind, policy: &Policy) {
    if !is_open(step) {
        return;
    }
    match facts.effects.get(effect) {
        None => {}
        Some(EffectState::Running { since, attempts }) => {
            start(step, *since);
            if *attempts == 0 {
                step.detail.clear();
            }
        }
        Some(EffectState::Done {
            started_at,
            ended_at,
            outcome,
        }) => {
            start(step, *started_at);
            finish(step, *ended_at, &describe(outcome));
        }
        Some(EffectState::Failed {
            started_at,
            ended_at,
            attempts,
            error,
        }) => {
            start(step, *started_at);
            let limit = policy.start_attempts;
            if facts.effects.verdict(effect, limit, policy) == Verdict::Exhausted {
                step.state = StepState::Failed;
                step.ended_at = Some(*ended_at);
                step.detail.clone_from(&error.message);
            } else {
                step.detail = format!(
                    "attempt {attempts} of {limit} failed, trying again: {}",
                    error.message
                );
            }
        }
    }
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done | Outcome::Git(_) | Outcome::Editor(_) => String::new(),
        Outcome::Image(image) => image.clone(),
        Outcome::Content(None) => String::from("found on this machine"),
        Outcome::Content(Some(report)) => match &report.commit {
            Some(commit) => format!("{} at {}", report.kind, &commit[..commit.len().min(12)]),
            None => report.kind.clone(),
        },
    }
}

fn is_open(step: &Step) -> bool {
    matches!(step.state, StepState::Pending | StepState::Running)
}

fn start(step: &mut Step, at: Timestamp) {
    if step.state == StepState::Pending {
        step.state = StepState::Running;
        step.started_at = Some(at);
    }
}

fn finish(step: &mut Step, at: Timestamp, detail: &str) {
    if is_open(step) {
        start(step, at);
        step.state = StepState::Done;
        step.ended_at = Some(at);
        if !detail.is_empty() {
            detail.clone_into(&mut step.detail);
        }
    }
}
