use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use crate::{ContextResolver, Initializer, Volumes};

/// What the suite needs to know of your backends.
#[async_trait]
pub trait Harness: fmt::Debug + Send + Sync + 'static {
    /// The volumes under test; every call gives a handle on the same ones.
    fn volumes(&self) -> Arc<dyn Volumes>;

    /// The same volumes as a new process would open them after the old one was killed; `None`: they do not outlive a process.
    async fn reopened(&self) -> Option<Arc<dyn Volumes>> {
        None
    }

    /// Whether [`reopened`](Self::reopened) gives something.
    fn is_durable(&self) -> bool {
        false
    }

    /// Whether a volume's `upper` is a directory that this process can look into.
    fn has_files(&self) -> bool {
        false
    }

    /// The initializer under test.
    fn initializer(&self) -> Option<Arc<dyn Initializer>> {
        None
    }

    /// The resolver under test.
    fn resolver(&self) -> Option<Arc<dyn ContextResolver>> {
        None
    }

    /// A repository as [`make_repository`](super::make_repository) makes it, within reach of initializer and resolver.
    fn remote(&self) -> Option<Url> {
        None
    }

    /// Whatever a backend may leave behind on this machine: mounts, directories of scratch. The suite compares it before and
    /// after each case.
    fn residue(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }
}
