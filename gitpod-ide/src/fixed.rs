use async_trait::async_trait;
use gitpod_core::ide::IdeSpec;
use gitpod_core::{Error, Result};

use crate::{Ide, IdeCatalog};

/// The reference catalogue: editors whose packages are on this node already.
#[derive(Debug, Clone, Default)]
pub struct FixedCatalog(Vec<IdeSpec>);

impl FixedCatalog {
    /// These editors, the preferred one first.
    pub fn new(editors: impl IntoIterator<Item = IdeSpec>) -> Self {
        Self(editors.into_iter().collect())
    }
}

#[async_trait]
impl IdeCatalog for FixedCatalog {
    async fn list(&self) -> Result<Vec<Ide>> {
        let ide = |spec: &IdeSpec| {
            let mut ide = Ide::new(&spec.id, &spec.label, &spec.version);
            ide.installed = true;
            ide
        };
        Ok(self.0.iter().map(ide).collect())
    }

    async fn ensure(&self, id: Option<&str>) -> Result<IdeSpec> {
        let found = match id {
            None => self.0.first(),
            Some(id) => self.0.iter().find(|spec| spec.id == id),
        };
        let mut spec = found.cloned().ok_or_else(|| {
            let known: Vec<_> = self.0.iter().map(|spec| spec.id.as_str()).collect();
            Error::not_found("no such editor")
                .with_context("editor", id.unwrap_or("the default"))
                .with_hint(format!("known editors: {}", known.join(", ")))
        })?;
        spec.reason = String::from(if id.is_some() {
            "you asked for it"
        } else {
            "the default"
        });
        Ok(spec)
    }
}
