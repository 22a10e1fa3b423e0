//! What a case is, and what cases are made of.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gitpod_core::{Error, ErrorKind, Result, WorkspaceId};
use libtest_mimic::Failed;
use tokio::time::timeout;
use url::Url;

use super::Harness;
use crate::{ContextResolver, Initializer, Volume};

/// No case may take longer, so that a hang is a failure and not a lost CI run.
const CASE_LIMIT: Duration = Duration::from_mins(1);

/// Something of the harness that a case needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Durable,
    Files,
    Initializer,
    Resolver,
}

impl Need {
    pub(super) fn is_met(self, harness: &dyn Harness) -> bool {
        match self {
            Self::Durable => harness.is_durable(),
            Self::Files => harness.has_files(),
            Self::Initializer => harness.initializer().is_some() && harness.remote().is_some(),
            Self::Resolver => harness.resolver().is_some() && harness.remote().is_some(),
        }
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Durable => "needs volumes that outlive a process",
            Self::Files => "needs volumes with files",
            Self::Initializer => "needs an initializer and a repository",
            Self::Resolver => "needs a resolver and a repository",
        }
    }
}

pub(super) type Body = fn(Arc<Bench>) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// One promise, one case.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) needs: &'static [Need],
    pub(super) body: Body,
}

impl Case {
    /// Runs the case, removes what it made, and compares what the harness can see of leftovers.
    pub(super) fn run(&self, harness: Arc<dyn Harness>) -> Result<(), Failed> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let before = harness.residue();
            let bench = Arc::new(Bench {
                harness: Arc::clone(&harness),
                made: Mutex::default(),
            });
            let outcome = timeout(CASE_LIMIT, (self.body)(Arc::clone(&bench))).await;
            bench
                .clean_up()
                .await
                .map_err(|e| Failed::from(format!("cannot clean up: {e:?}")))?;
            match outcome {
                Ok(result) => result.map_err(|e| Failed::from(format!("{e:?}")))?,
                Err(_) => return Err(Failed::from(format!("not done within {CASE_LIMIT:?}"))),
            }
            let left: Vec<_> = harness.residue().difference(&before).cloned().collect();
            if left.is_empty() {
                Ok(())
            } else {
                Err(Failed::from(format!("left behind: {left:?}")))
            }
        })
    }
}

/// Counts volumes, so that cases that run at the same time have their own.
static MADE: AtomicU32 = AtomicU32::new(0);

/// What a case works with.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) harness: Arc<dyn Harness>,
    made: Mutex<Vec<WorkspaceId>>,
}

impl Bench {
    /// The name of a workspace that nobody else uses.
    pub(super) fn name(&self) -> WorkspaceId {
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        let (high, low) = (std::process::id() % 0x1_0000, n % 0x1_0000);
        let id = WorkspaceId::parse(&format!("conform-case-{high:04x}{low:04x}"))
            .expect("because eight hex digits fit the last part");
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.push(id.clone());
        id
    }

    /// A new volume.
    pub(super) async fn volume(&self) -> Result<Volume> {
        self.harness.volumes().ensure(&self.name(), None).await
    }

    pub(super) fn initializer(&self) -> Result<Arc<dyn Initializer>> {
        self.harness.initializer().ok_or_else(lost)
    }

    pub(super) fn resolver(&self) -> Result<Arc<dyn ContextResolver>> {
        self.harness.resolver().ok_or_else(lost)
    }

    pub(super) fn remote(&self) -> Result<Url> {
        self.harness.remote().ok_or_else(lost)
    }

    async fn clean_up(&self) -> Result<()> {
        let made = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *made)
        };
        for id in made {
            self.harness.volumes().remove(&id).await?;
        }
        Ok(())
    }
}

fn lost() -> Error {
    Error::unexpected("the harness no longer has what it had")
}

/// Fails the case unless `claim` holds.
pub(super) fn check(claim: bool, message: impl FnOnce() -> String) -> Result<()> {
    if claim {
        Ok(())
    } else {
        Err(Error::unexpected(message()))
    }
}

/// Fails the case unless `result` is an error of `kind` that says what to do.
pub(super) fn refuses<T>(result: Result<T>, kind: ErrorKind, what: &str) -> Result<()> {
    match result {
        Ok(_) => Err(Error::unexpected(format!(
            "{what}: succeeded, expected {kind:?}"
        ))),
        Err(error) => {
            check(error.kind() == kind, || {
                format!("{what}: expected {kind:?}, got {error:?}")
            })?;
            check(error.hint().is_some(), || {
                format!("{what}: a person is not told what to do: {error:?}")
            })
        }
    }
}

/// A table of cases from async functions.
macro_rules! cases {
    ($($name:literal $needs:tt => $body:path;)*) => {
        pub(super) const CASES: &[$crate::conformance::case::Case] = &[
            $($crate::conformance::case::Case {
                name: $name,
                needs: &$needs,
                body: |bench| Box::pin($body(bench)),
            },)*
        ];
    };
}

pub(super) use cases;
