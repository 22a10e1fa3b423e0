use std::path::Path;

use super::marker;

/// How a shell is started so that it runs a task first and is then an ordinary interactive shell.
#[derive(Debug)]
pub(super) struct Launch {
    /// Arguments of the shell.
    pub(super) arguments: Vec<String>,
    /// Added to its environment.
    pub(super) env: Vec<(String, String)>,
}

/// How `shell` finds the script at `path`.
pub(super) fn launch(shell: &Path, path: &Path) -> Launch {
    let path = path.to_string_lossy().into_owned();
    if is_bash(shell) {
        Launch {
            arguments: vec![String::from("--rcfile"), path, String::from("-i")],
            env: Vec::new(),
        }
    } else {
        // POSIX: an interactive shell reads the file that ENV names.
        Launch {
            arguments: vec![String::from("-i")],
            env: vec![(String::from("ENV"), path)],
        }
    }
}

fn is_bash(shell: &Path) -> bool {
    shell.file_name().is_some_and(|name| name == "bash")
}

/// The start-up file of a task's shell.
///
/// With bash the command line runs as part of the first prompt: job control works, an interrupt leads to the prompt, and
/// what the command line sets (variables, functions, the directory) is there afterwards. Its exit code is told by a mark.
pub(super) fn script(shell: &Path, command: &str, name: &str) -> String {
    let command = quote(command);
    let mark = marker::prefix(name).replace('\u{1b}', "\\033");
    if is_bash(shell) {
        format!(
            r#"[ -r /etc/bash.bashrc ] && . /etc/bash.bashrc
[ -r ~/.bashrc ] && . ~/.bashrc
__gitpod_prompt=("${{PROMPT_COMMAND[@]}}")
__gitpod_task() {{
  unset -f __gitpod_task
  unset PROMPT_COMMAND
  [ "${{#__gitpod_prompt[@]}}" -gt 0 ] && PROMPT_COMMAND=("${{__gitpod_prompt[@]}}")
  unset __gitpod_prompt
  history -s -- {command}
  printf '$ %s\n' {command}
  eval {command}
  printf '{mark}%s\007' "$?"
}}
PROMPT_COMMAND=__gitpod_task
"#
        )
    } else {
        format!(
            r#"unset ENV
[ -r /etc/profile ] && . /etc/profile
printf '$ %s\n' {command}
eval {command}
printf '{mark}%s\007' "$?"
"#
        )
    }
}

/// One word of the shell's language.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_stays_one_word() {
        assert_eq!(quote("echo 'a b'; x"), r"'echo '\''a b'\''; x'");
        let script = script(Path::new("/bin/bash"), "a; exit 3", "n");
        assert!(script.contains("eval 'a; exit 3'\n"), "{script}");
    }

    #[test]
    fn other_shells_read_the_file_that_env_names() {
        let launch = launch(Path::new("/bin/sh"), Path::new("/run/t"));
        assert_eq!(launch.arguments, ["-i"]);
        assert_eq!(launch.env, [(String::from("ENV"), String::from("/run/t"))]);
    }
}
