//! Real git repositories, made for a test.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::installation::{file_url, give_to};

pub(crate) struct Repository {
    directory: TempDir,
}

impl Repository {
    /// A repository with one commit of these files on `main`.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let repository = Self::empty();
        for (name, content) in files {
            let path = repository.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        repository.commit("first");
        repository
    }

    /// A repository without commits.
    pub(crate) fn empty() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("gitpod-repository-")
            .tempdir()
            .unwrap();
        let repository = Self { directory };
        std::fs::create_dir(repository.path()).unwrap();
        repository.git(&["init", "-q", "-b", "main"]);
        repository
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        self.read(arguments);
    }

    /// Runs git and gives what it printed.
    pub(crate) fn read(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.path())
            .args([
                "-c",
                "user.name=Test",
                "-c",
                "user.email=test@example.com",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Makes it a user's.
    pub(crate) fn give_to(&self, user: u32) {
        give_to(self.directory.path(), user);
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("app")
    }

    pub(crate) fn url(&self) -> String {
        file_url(Path::new(&self.path()))
    }
}
