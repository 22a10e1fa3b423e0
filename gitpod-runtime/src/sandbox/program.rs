//! Replaces a forked process by the program asked for.

use std::ffi::CString;
use std::os::fd::BorrowedFd;
use std::path::Path;

use gitpod_core::instance::RunAs;

use super::confine::{Filter, become_workspace};
use super::protocol::Start;
use super::sys;
use super::trouble::Trouble;

/// A program to run.
#[derive(Debug)]
pub(super) struct Program<'a> {
    pub(super) argv: &'a [String],
    pub(super) env: &'a [(String, String)],
    pub(super) cwd: &'a Path,
}

impl Program<'_> {
    /// Becomes it. Returns only on failure.
    pub(super) fn execute(&self) -> Trouble {
        let argv: Result<Vec<_>, _> = self
            .argv
            .iter()
            .map(|text| CString::new(text.as_str()))
            .collect();
        let env: Result<Vec<_>, _> = self
            .env
            .iter()
            .map(|(name, value)| CString::new(format!("{name}={value}")))
            .collect();
        let (Ok(argv), Ok(env)) = (argv, env) else {
            return Trouble::unexpected("a command contains a NUL byte");
        };
        if let Err(error) = rustix::process::chdir(self.cwd) {
            return Trouble::new("cannot enter the working directory", error).at(self.cwd);
        }
        let mut worst = None;
        for candidate in self.candidates() {
            let Ok(path) = CString::new(candidate) else {
                continue;
            };
            let error = sys::execute(&path, &argv, &env);
            // As execvp: a candidate that is there but may not be run is the better answer than "not there".
            if error.kind() != std::io::ErrorKind::NotFound || worst.is_none() {
                worst = Some(error);
            }
        }
        let name = self.argv.first().map_or("", String::as_str);
        if let Some(error) = worst {
            return Trouble::new("cannot run the command", error).at(name);
        }
        let error = rustix::io::Errno::NOENT;
        Trouble::new("cannot find the command in its PATH", error).at(name)
    }

    fn candidates(&self) -> Vec<String> {
        let Some(name) = self.argv.first() else {
            return Vec::new();
        };
        if name.contains('/') {
            return vec![name.clone()];
        }
        let path = self.env.iter().find(|(key, _)| key == "PATH");
        let path = path.map_or("/usr/local/bin:/usr/bin:/bin", |(_, path)| path.as_str());
        path.split(':')
            .filter(|directory| directory.starts_with('/'))
            .map(|directory| format!("{directory}/{name}"))
            .collect()
    }
}

/// Confines the process and runs `program` in it with these standard streams. Returns only on failure.
pub(super) fn run_confined(
    program: &Program<'_>,
    start: &Start,
    user: RunAs,
    filter: &Filter,
    streams: [BorrowedFd<'_>; 3],
) -> Trouble {
    sys::default_signals();
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    if let Err(error) = sys::replace_standard_streams(streams) {
        return Trouble::new("cannot connect the standard streams", error);
    }
    match become_workspace(start, user, filter) {
        Ok(()) => program.execute(),
        Err(trouble) => trouble,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_in_absolute_directories_of_the_path_alone() {
        let program = Program {
            argv: &[String::from("git")],
            env: &[(String::from("PATH"), String::from("/a:.::b:/c"))],
            cwd: Path::new("/"),
        };
        assert_eq!(program.candidates(), ["/a/git", "/c/git"]);
    }
}
