use gitpod_core::workspace::{InstanceStatus, Step, StepState};

use super::time::short;

/// A step of a start, for people.
#[derive(Debug, Clone)]
pub(crate) struct StepRow {
    /// Style: `done`, `now`, `fail`, `later`.
    pub(crate) class: &'static str,
    /// How far, for those who do not see the style.
    pub(crate) spoken: &'static str,
    pub(crate) label: &'static str,
    pub(crate) detail: String,
    /// How long it took; empty unless it ended.
    pub(crate) took: String,
    /// Milliseconds since 1970 when it began, while it runs.
    pub(crate) since: Option<i64>,
}

impl StepRow {
    pub(crate) fn of(step: &Step) -> Self {
        let (class, spoken) = match step.state {
            StepState::Pending => ("later", "to do"),
            StepState::Running => ("now", "under way"),
            StepState::Done => ("done", "done"),
            StepState::Failed => ("fail", "failed"),
        };
        Self {
            class,
            spoken,
            label: step.kind.label(),
            detail: step.detail.clone(),
            took: step.duration().map(short).unwrap_or_default(),
            since: match step.state {
                StepState::Running => step.started_at.map(gitpod_core::Timestamp::as_millisecond),
                StepState::Pending | StepState::Done | StepState::Failed => None,
            },
        }
    }

    pub(crate) fn all(instance: Option<&InstanceStatus>) -> Vec<Self> {
        match instance {
            Some(instance) => instance.steps.iter().map(Self::of).collect(),
            None => Step::fresh().iter().map(Self::of).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use gitpod_core::Timestamp;
    use gitpod_core::workspace::StepKind;

    use super::*;

    #[test]
    fn a_running_step_counts_and_an_ended_one_says_how_long() {
        let mut step = Step::pending(StepKind::Image);
        assert_eq!(StepRow::of(&step).class, "later");
        step.state = StepState::Running;
        step.started_at = Some(Timestamp::from_millisecond(1000).unwrap());
        assert_eq!(StepRow::of(&step).since, Some(1000));
        step.state = StepState::Done;
        step.ended_at = Some(Timestamp::from_millisecond(1250).unwrap());
        let row = StepRow::of(&step);
        assert_eq!((row.took.as_str(), row.since), ("250 ms", None));
    }

    #[test]
    fn there_are_nine_before_the_first_start() {
        assert_eq!(StepRow::all(None).len(), 9);
    }
}
