use std::fmt;

use async_trait::async_trait;
use gitpod_core::Result;
use gitpod_core::ide::IdeSpec;
use serde::{Deserialize, Serialize};

/// An editor that users may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ide {
    /// Such as `code` or `terminal`.
    pub id: String,
    /// For people.
    pub label: String,
    /// Of its package.
    pub version: String,
    /// Whether its package is on this node already.
    pub installed: bool,
    /// Why it cannot be had, for people, if it cannot.
    pub unavailable: Option<String>,
}

impl Ide {
    /// An editor whose package is not on this node yet.
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        version: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            version: version.into(),
            installed: false,
            unavailable: None,
        }
    }
}

/// Knows the editors and brings their packages to this node.
#[async_trait]
pub trait IdeCatalog: fmt::Debug + Send + Sync + 'static {
    /// Every editor, the preferred one first.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    async fn list(&self) -> Result<Vec<Ide>>;

    /// Chooses an editor and makes its package ready.
    ///
    /// # Behavior
    /// `None` chooses the default: the first one that is installed; the choice is explained in [`IdeSpec::reason`]. Fetches
    /// what is missing only for an editor that was named, or the last (lightest) one when none is installed. Verifies the
    /// package's integrity before anything of it is used. Concurrent calls fetch once.
    ///
    /// # Errors
    /// `NotFound` (no such editor; the hint lists the known ones), `Unavailable` (the package cannot be fetched).
    async fn ensure(&self, id: Option<&str>) -> Result<IdeSpec>;
}
