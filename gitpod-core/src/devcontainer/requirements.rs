//! Whether a class of workspaces has what a file asks for.

use super::model::HostRequirements;
use crate::class::{Resources, WorkspaceClass};

/// A requirement that is not met. A limit that is not set meets every requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmet {
    /// `cpus`, `memory` or `storage`.
    pub property: &'static str,
    /// What the file asks for: cores, or bytes.
    pub asked: u64,
    /// What there is, in the same unit.
    pub given: u64,
}

impl Unmet {
    pub(super) fn instead(&self) -> String {
        let unit = match self.property {
            "cpus" => "cores",
            _ => "bytes",
        };
        let (given, asked) = (self.given, self.asked);
        format!("the workspace has {given} {unit}, not {asked}")
    }
}

impl HostRequirements {
    /// What of it `resources` do not meet; graphics processors aside, of which a class says nothing.
    pub fn unmet(&self, resources: &Resources) -> Vec<Unmet> {
        let cores = resources.cpu_millis.map(|millis| u64::from(millis / 1000));
        let bytes = |size: &Option<super::Size>| size.as_ref().map(|size| size.bytes);
        let table = [
            ("cpus", self.cpus.map(u64::from), cores),
            ("memory", bytes(&self.memory), resources.memory_bytes),
            ("storage", bytes(&self.storage), resources.disk_bytes),
        ];
        let short = |(property, asked, given): (&'static str, Option<u64>, Option<u64>)| {
            let (asked, given) = (asked?, given?);
            (asked > given).then_some(Unmet {
                property,
                asked,
                given,
            })
        };
        table.into_iter().filter_map(short).collect()
    }

    /// The smallest of `classes` that meets it: least memory first, then least processor time, then the order given.
    pub fn smallest<'c>(&self, classes: &'c [WorkspaceClass]) -> Option<&'c WorkspaceClass> {
        classes
            .iter()
            .filter(|class| self.unmet(&class.resources).is_empty())
            .min_by_key(|class| {
                let of = &class.resources;
                let memory = of.memory_bytes.unwrap_or(u64::MAX);
                (memory, of.cpu_millis.unwrap_or(u32::MAX))
            })
    }
}
