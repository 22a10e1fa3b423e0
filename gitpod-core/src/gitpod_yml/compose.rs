//! What the file comes to: tasks, ports, places.

use serde_json::Value as Json;

use super::location::below_workspace;
use super::model::entries::is_git_setting;
use super::model::{GitpodYml, Task};
use crate::environment::is_name;
use crate::port::PortSpec;
use crate::task::TaskSpec;

/// What the content of a starting workspace is; it decides which commands run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Situation {
    /// A fresh clone: `before && init && once && command`.
    Fresh,
    /// A prebuild is being made: `before && init && prebuild`.
    Prebuild,
    /// A prebuild's content: `before`, then its log is shown, then `once && command`.
    FromPrebuild,
    /// The workspace ran before: `before && command`.
    Restart,
}

impl GitpodYml {
    /// What the tasks run in `situation`. In a prebuild, tasks with nothing to run are left out; otherwise they are plain
    /// terminals. A file without tasks has one such terminal.
    pub fn tasks(&self, situation: Situation) -> Vec<TaskSpec> {
        let none = [Task::default()];
        let tasks = if self.tasks.is_empty() {
            &none[..]
        } else {
            &self.tasks
        };
        tasks
            .iter()
            .enumerate()
            .map(|(index, task)| spec(index, task, situation))
            .filter(|task| situation != Situation::Prebuild || !task.command.is_empty())
            .collect()
    }

    /// The configured ports.
    pub fn ports(&self) -> Vec<PortSpec> {
        self.ports
            .iter()
            .map(|port| {
                let mut spec = PortSpec::new(port.port.start);
                spec.end = port.port.end;
                spec.name.clone_from(&port.name);
                spec.description.clone_from(&port.description);
                spec.visibility = port.visibility.unwrap_or_default();
                spec.protocol = port.protocol.unwrap_or_default();
                spec.on_open = port.on_open.unwrap_or_default();
                spec
            })
            .collect()
    }

    /// The workspace's environment: what a shell can use of `env`.
    pub fn variables(&self) -> Vec<(String, String)> {
        let usable = |(name, _): &&(String, String)| is_name(name);
        self.env.iter().filter(usable).cloned().collect()
    }

    /// The clone's git configuration: what git can use of `gitConfig`.
    pub fn git_settings(&self) -> Vec<(String, String)> {
        let usable = |(name, _): &&(String, String)| is_git_setting(name);
        self.git_config.iter().filter(usable).cloned().collect()
    }

    /// Where the repository is checked out, relative to `/workspace`: as configured, or `repository_name`.
    pub fn checkout_location(&self, repository_name: &str) -> String {
        self.checkout_location
            .as_deref()
            .and_then(below_workspace)
            .filter(|location| !location.is_empty())
            .unwrap_or_else(|| repository_name.to_owned())
    }

    /// What the editor opens, relative to `/workspace`: as configured (a directory or a `*.code-workspace` file), or where
    /// the repository is checked out.
    pub fn workspace_location(&self, repository_name: &str) -> String {
        self.workspace_location
            .as_deref()
            .and_then(below_workspace)
            .unwrap_or_else(|| self.checkout_location(repository_name))
    }
}

fn spec(index: usize, task: &Task, situation: Situation) -> TaskSpec {
    let id = index.to_string();
    let log = format!(
        "[ -r /workspace/.gitpod/prebuild-log-{id} ] && cat /workspace/.gitpod/prebuild-log-{id}; true"
    );
    let log = Some(log);
    let commands = match situation {
        Situation::Fresh => [&task.before, &task.init, &task.once, &task.command],
        Situation::Prebuild => [&task.before, &task.init, &task.prebuild, &None],
        Situation::FromPrebuild => [&task.before, &log, &task.once, &task.command],
        Situation::Restart => [&task.before, &task.command, &None, &None],
    };
    let name = task
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let name = name.map_or_else(|| format!("Gitpod Task {}", index + 1), str::to_owned);
    let mut spec = TaskSpec::new(id, name, chain(commands));
    spec.env = task
        .env
        .iter()
        .filter(|(name, _)| is_name(name))
        .map(|(name, value)| (name.clone(), variable(value)))
        .collect();
    spec.open_in = task.open_in.map(str::to_owned);
    spec.open_mode = task.open_mode.map(str::to_owned);
    spec
}

/// Each command in braces of its own, the next one only when the last one succeeded. The newlines keep comments and here
/// documents of one command from swallowing the brace.
fn chain(commands: [&Option<String>; 4]) -> String {
    let commands: Vec<String> = commands
        .into_iter()
        .flatten()
        .map(|command| command.trim())
        .filter(|command| !command.is_empty())
        .map(|command| format!("{{\n{command}\n}}"))
        .collect();
    commands.join(" && ")
}

fn variable(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
