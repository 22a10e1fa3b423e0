//! Single starts, step by step.

use std::collections::BTreeMap;
use std::time::Duration;

use gitpod_core::workspace::{StepKind, Workspace};

/// Single starts with one editor.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    totals: Vec<Duration>,
    steps: BTreeMap<StepKind, Vec<Duration>>,
    ours: Vec<Duration>,
}

impl Starts {
    /// Adds one start that took `total`, as its caller saw it.
    pub(crate) fn add(&mut self, total: Duration, workspace: &Workspace) {
        let steps = workspace
            .status
            .instance
            .iter()
            .flat_map(|instance| &instance.steps);
        let mut others = Duration::ZERO;
        for step in steps {
            let duration = step.duration().unwrap_or_default();
            self.steps.entry(step.kind).or_default().push(duration);
            // git's: asking and cloning; the editor's own: from its process' start to its answer.
            if matches!(
                step.kind,
                StepKind::Context | StepKind::Content | StepKind::Editor
            ) {
                others += duration;
            }
        }
        self.totals.push(total);
        self.ours.push(total.saturating_sub(others));
    }

    /// Prints medians.
    pub(crate) fn print(mut self, editor: &str) {
        println!(
            "{editor}: API call to running: {}",
            millis(median(&mut self.totals))
        );
        for (kind, durations) in &mut self.steps {
            println!("    {:<36} {}", kind.label(), millis(median(durations)));
        }
        println!(
            "    {:<36} {}",
            "all but git and the editor",
            millis(median(&mut self.ours))
        );
    }
}

fn median(durations: &mut [Duration]) -> Duration {
    durations.sort_unstable();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}

fn millis(duration: Duration) -> String {
    format!("{:8.1} ms", duration.as_secs_f64() * 1000.0)
}
