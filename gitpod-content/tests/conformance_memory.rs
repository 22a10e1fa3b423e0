//! The reference backends keep the promises that do not need files.

use std::process::ExitCode;
use std::sync::Arc;

use gitpod_content::conformance::{Harness, run};
use gitpod_content::memory::{MemoryRepositories, MemoryRepository, MemoryVolumes};
use gitpod_content::{ContextResolver, Initializer, Volumes};
use url::Url;

const REMOTE: &str = "https://git.example/conformance";

#[derive(Debug)]
struct Memory {
    volumes: Arc<MemoryVolumes>,
    repositories: MemoryRepositories,
}

impl Harness for Memory {
    fn volumes(&self) -> Arc<dyn Volumes> {
        Arc::clone(&self.volumes) as _
    }

    fn initializer(&self) -> Option<Arc<dyn Initializer>> {
        Some(Arc::new(self.repositories.clone()))
    }

    fn resolver(&self) -> Option<Arc<dyn ContextResolver>> {
        Some(Arc::new(self.repositories.clone()))
    }

    fn remote(&self) -> Option<Url> {
        Url::parse(REMOTE).ok()
    }
}

fn main() -> ExitCode {
    let repository = MemoryRepository::new()
        .with_branch("feature/login")
        .with_file("README.md", "hello\n")
        .with_file(".gitpod.yml", "tasks: []\n");
    run(Memory {
        volumes: Arc::default(),
        repositories: MemoryRepositories::new().with_repository(REMOTE, repository),
    })
}
