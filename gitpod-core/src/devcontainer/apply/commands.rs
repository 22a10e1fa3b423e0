//! The life cycle's commands as a task.

use super::Devcontainer;
use crate::devcontainer::model::{Command, Step};
use crate::devcontainer::notice::Notices;
use crate::devcontainer::places::below;
use crate::devcontainer::shell::quote;
use crate::devcontainer::variables::Variables;
use crate::gitpod_yml::{GitpodYml, Task};

pub(super) fn apply(
    file: &Devcontainer,
    mut before: Vec<String>,
    config: &mut GitpodYml,
    variables: &Variables<'_>,
    notices: &mut Notices<'_>,
) {
    if file
        .initialize_command
        .as_ref()
        .is_some_and(|command| command.steps().any(|step| !step.is_empty()))
    {
        let instead = "nothing of a repository runs on the host; it is not run at all";
        notices.refused("initializeCommand", instead);
    }
    if variables.workspace_folder != variables.repository {
        before.insert(0, format!("cd {}", quote(&variables.workspace_folder)));
    }
    let mut line = |property: &str, command: Option<&Command>| {
        command.and_then(|command| script(property, command, variables, notices))
    };
    let create = line("onCreateCommand", file.on_create_command.as_ref());
    let update = line("updateContentCommand", file.update_content_command.as_ref());
    let once = line("postCreateCommand", file.post_create_command.as_ref());
    let start = line("postStartCommand", file.post_start_command.as_ref());
    let attach = line("postAttachCommand", file.post_attach_command.as_ref());
    if attach.is_some() {
        let instead =
            "it runs once at every start, after postStartCommand, not whenever an editor attaches";
        notices.adapted("postAttachCommand", instead);
    }
    if file.wait_for.is_some() {
        let instead = "editors open at once; the commands run beside them in a terminal";
        notices.adapted("waitFor", instead);
    }
    let task = Task {
        name: file.name.clone(),
        before: (!before.is_empty()).then(|| before.join("\n")),
        init: in_order([create, update]),
        once,
        command: in_order([start, attach]),
        ..Task::default()
    };
    if task != Task::default() {
        config.tasks.push(task);
    }
}

/// The second only if the first one succeeded.
fn in_order(commands: [Option<String>; 2]) -> Option<String> {
    let commands: Vec<String> = commands.into_iter().flatten().collect();
    (!commands.is_empty()).then(|| commands.join(" &&\n"))
}

/// The command as one command of a shell.
fn script(
    property: &str,
    command: &Command,
    variables: &Variables<'_>,
    notices: &mut Notices<'_>,
) -> Option<String> {
    let mut lines = match command {
        Command::One(step) => step_line(property, step, variables, notices)
            .into_iter()
            .collect(),
        Command::Parallel(steps) => {
            let mut lines = Vec::new();
            for (name, step) in steps {
                lines.extend(step_line(&below(property, name), step, variables, notices));
            }
            lines
        }
    };
    match lines.len() {
        0 | 1 => lines.pop(),
        _ => Some(together(&lines)),
    }
}

/// A step has a process of its own, as there: what it does to its shell (`cd`, `exit`, `set -e`) ends with it.
fn step_line(
    property: &str,
    step: &Step,
    variables: &Variables<'_>,
    notices: &mut Notices<'_>,
) -> Option<String> {
    if step.is_empty() {
        return None;
    }
    Some(match step {
        Step::Shell(line) => {
            let line = variables.evaluate(property, line, notices).line();
            format!("sh -c {}", quote(line.trim()))
        }
        Step::Exec(words) => {
            let mut evaluated = Vec::new();
            for (index, word) in words.iter().enumerate() {
                let property = format!("{property}[{index}]");
                evaluated.push(variables.evaluate(&property, word, notices).word());
            }
            // `command` keeps the shell's own functions and keywords out of it.
            format!("command {}", evaluated.join(" "))
        }
    })
}

/// All at the same time; succeeds if all of them do, and an interrupt ends them all.
fn together(lines: &[String]) -> String {
    let mut script = String::from("(\npids=\n");
    for line in lines {
        script.push_str(line);
        script.push_str(" &\npids=\"$pids $!\"\n");
    }
    script.push_str("trap 'kill $pids 2>/dev/null' INT TERM HUP\n");
    script
        .push_str("code=0\nfor pid in $pids; do wait \"$pid\" || code=$?; done\nexit \"$code\"\n)");
    script
}
