use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::supervisor::account::Account;

/// The three standard streams of a process.
#[derive(Debug)]
pub(crate) struct Stdio3 {
    pub(crate) stdin: Stdio,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
}

/// A program to start: everything about it is said, nothing is inherited.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// Program (a path, or a name looked up in the `PATH` of `env`) and arguments; not empty.
    pub(crate) argv: Vec<String>,
    /// Its whole environment.
    pub(crate) env: Vec<(String, String)>,
    /// Its working directory.
    pub(crate) cwd: PathBuf,
    /// As whom.
    pub(crate) account: Account,
}

impl Program {
    /// The command, as leader of a process group of its own.
    pub(crate) fn command(&self, stdio: Stdio3) -> Command {
        let mut command = Command::new(self.resolved());
        command.process_group(0);
        self.prepare(&mut command, stdio);
        command
    }

    /// The command, as leader of a session whose terminal is its standard input.
    ///
    /// Becoming a session leader needs code between fork and exec, which only this executable itself can bring safely: it is
    /// started again as `supervisor pty-child` and then becomes the program.
    pub(crate) fn pty_command(&self, stdio: Stdio3) -> Command {
        let mut command = Command::new("/proc/self/exe");
        command
            .arg0("supervisor")
            .arg("pty-child")
            .arg(self.resolved());
        self.prepare(&mut command, stdio);
        command
    }

    fn prepare(&self, command: &mut Command, stdio: Stdio3) {
        command
            .args(&self.argv[1..])
            .env_clear()
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .current_dir(&self.cwd)
            .stdin(stdio.stdin)
            .stdout(stdio.stdout)
            .stderr(stdio.stderr);
        if rustix::process::geteuid().is_root() {
            command.uid(self.account.uid).gid(self.account.gid);
        }
    }

    /// The program's path: names without a slash are looked up in the program's own `PATH`, not in ours.
    fn resolved(&self) -> PathBuf {
        let name = &self.argv[0];
        if name.contains('/') {
            return PathBuf::from(name);
        }
        let path = self.env.iter().rev().find(|(key, _)| key == "PATH");
        path.map_or("", |(_, value)| value.as_str())
            .split(':')
            .filter(|directory| !directory.is_empty())
            .map(|directory| Path::new(directory).join(name))
            .find(|candidate| is_executable(candidate))
            .unwrap_or_else(|| PathBuf::from(name))
    }
}

fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
