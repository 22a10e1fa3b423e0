use std::io;
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
    /// Program (a path, or a name that is looked up in the `PATH` of `env`, by and as the user) and arguments; not empty.
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
        let mut command = Command::new(&self.argv[0]);
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
            .arg(&self.argv[0]);
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

    /// What `error`, met when this was started, means: the system also says "permission denied" for a program that is nowhere,
    /// if a directory of `PATH` is closed to the user.
    pub(crate) fn explain(&self, error: io::Error) -> io::Error {
        if error.kind() == io::ErrorKind::PermissionDenied && !self.exists() {
            return io::Error::from(io::ErrorKind::NotFound);
        }
        error
    }

    fn exists(&self) -> bool {
        let name = &self.argv[0];
        if name.contains('/') {
            return self.cwd.join(name).exists();
        }
        let path = self.env.iter().rev().find(|(key, _)| key == "PATH");
        path.map_or("", |(_, value)| value.as_str())
            .split(':')
            .any(|directory| Path::new(directory).join(name).is_file())
    }
}
