//! In which order features are installed.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Devcontainer;
use crate::{Error, ErrorKind, Result};

impl Devcontainer {
    /// The ids of the features in the order in which they are to be installed, those that they depend on among them.
    /// `depends_on` says, by id without version, which others a feature needs (what its own metadata lists).
    ///
    /// # Behavior
    /// As the specification has it, in rounds: of the features whose dependencies are all installed, those come next that
    /// stand first in `overrideFeatureInstallOrder`; those of equal standing in the order of the file, dependencies last.
    ///
    /// # Errors
    /// [`ConfigInvalid`](ErrorKind::ConfigInvalid) when features depend on each other in a circle.
    pub fn feature_order(&self, depends_on: &BTreeMap<String, Vec<String>>) -> Result<Vec<String>> {
        let wanted = self.wanted(depends_on);
        let first = self.override_feature_install_order.iter().flatten();
        let first: Vec<&str> = first.map(|id| without_version(id)).collect();
        // The first of the list has the highest rank; what is not in it has none.
        let rank = |id: &str| {
            first
                .iter()
                .rev()
                .position(|f| *f == id)
                .map_or(0, |n| n + 1)
        };
        let mut waiting: Vec<(&String, usize)> = wanted
            .iter()
            .map(|id| (id, rank(without_version(id))))
            .collect();
        let mut installed = BTreeSet::new();
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let ready = |id: &str| {
                let needs = depends_on.get(without_version(id)).into_iter().flatten();
                let mut needs = needs.map(|id| without_version(id));
                needs.all(|need| installed.contains(need))
            };
            let next: Vec<(&String, usize)> = waiting
                .iter()
                .copied()
                .filter(|(id, _)| ready(id))
                .collect();
            let Some(best) = next.iter().map(|(_, rank)| *rank).max() else {
                let names: Vec<&str> = waiting.iter().map(|(id, _)| id.as_str()).collect();
                return Err(Error::new(
                    ErrorKind::ConfigInvalid,
                    "features depend on each other in a circle",
                )
                .with_context("features", names.join(", "))
                .with_hint("remove one of them from the file"));
            };
            let chosen = next.into_iter().filter(|(_, rank)| *rank == best);
            let chosen: Vec<&String> = chosen.map(|(id, _)| id).collect();
            let gone: BTreeSet<&String> = chosen.iter().copied().collect();
            waiting.retain(|(id, _)| !gone.contains(id));
            installed.extend(chosen.iter().map(|id| without_version(id)));
            order.extend(chosen.into_iter().cloned());
        }
        Ok(order)
    }

    /// The file's features in its order, then what they depend on, each once.
    fn wanted(&self, depends_on: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        for (id, _) in &self.features {
            known.insert(without_version(id).to_owned());
            wanted.push(id.clone());
        }
        let mut next = 0;
        while let Some(id) = wanted.get(next).cloned() {
            for need in depends_on.get(without_version(&id)).into_iter().flatten() {
                if known.insert(without_version(need).to_owned()) {
                    wanted.push(need.clone());
                }
            }
            next += 1;
        }
        wanted
    }
}

/// `ghcr.io/devcontainers/features/node:1` without `:1` or `@sha256:…`; a port of the registry is none.
fn without_version(id: &str) -> &str {
    let id = id.split('@').next().unwrap_or(id);
    match id.rsplit_once(':') {
        Some((name, version)) if !version.contains('/') => name,
        _ => id,
    }
}
