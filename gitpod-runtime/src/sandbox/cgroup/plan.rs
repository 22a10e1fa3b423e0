use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use gitpod_core::class::Resources;
use serde::{Deserialize, Serialize};

use super::unified::{self, Unified};
use super::{remove, v1, v2};

/// What of control groups this machine offers to us.
#[derive(Debug, Clone, Default)]
pub(in crate::sandbox) struct Hierarchies {
    /// Version 1: controller name → mount point.
    v1: BTreeMap<String, PathBuf>,
    /// Version 2.
    v2: Option<Unified>,
}

/// The controllers that limits need.
pub(super) const CONTROLLERS: [&str; 3] = ["memory", "cpu", "pids"];

impl Hierarchies {
    /// Looks at this machine.
    pub(in crate::sandbox) fn find() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        Self::detect(&read("/proc/self/mountinfo"), &read("/proc/self/cgroup"))
    }

    /// Looks at the mount table and the own groups (texts of `/proc/self/mountinfo` and `/proc/self/cgroup`).
    fn detect(mount_table: &str, own_groups: &str) -> Self {
        let mut found = Self::default();
        for line in mount_table.lines() {
            let Some((place, kind)) = line.split_once(" - ") else {
                continue;
            };
            let mut place = place.split(' ').skip(3);
            let (Some(shown), Some(point)) = (place.next(), place.next()) else {
                continue;
            };
            let point = PathBuf::from(point);
            let mut kind = kind.split(' ');
            match kind.next() {
                Some("cgroup") => {
                    for option in kind.nth(1).unwrap_or_default().split(',') {
                        if CONTROLLERS.contains(&option) {
                            found.v1.insert(option.to_owned(), point.clone());
                        }
                    }
                }
                Some("cgroup2") => {
                    let own = unified::own(own_groups).unwrap_or("/");
                    found.v2 = Unified::find(&point, shown, own).or(found.v2);
                }
                _ => {}
            }
        }
        found
    }

    /// Makes ready what groups of instances need. An error says which limits there will not be, and why.
    pub(in crate::sandbox) fn prepare(&mut self) -> io::Result<()> {
        // With all controllers in version 1 there is nothing to pass on.
        match &mut self.v2 {
            Some(unified) if self.v1.len() < CONTROLLERS.len() => unified.prepare(),
            _ => Ok(()),
        }
    }

    /// Where limits by `controller` are to be made, in words.
    pub(in crate::sandbox) fn describe(&self, controller: &str) -> Option<String> {
        let (base, version) = self.place(controller)?;
        let version = match version {
            Version::One => 1,
            Version::Two => 2,
        };
        Some(format!(
            "control group controller `{controller}`, version {version}, below {}",
            base.display()
        ))
    }

    /// Whether limits by `controller` are possible.
    pub(in crate::sandbox) fn offers(&self, controller: &str) -> bool {
        self.place(controller).is_some()
    }

    fn place(&self, controller: &str) -> Option<(&Path, Version)> {
        if let Some(point) = self.v1.get(controller) {
            return writable(point).then_some((point, Version::One));
        }
        let unified = self.v2.as_ref()?;
        let offered = unified.controllers.iter().any(|name| name == controller);
        offered.then_some((unified.base.as_path(), Version::Two))
    }

    /// The groups of an instance called `name`, below `parent`, for `resources`.
    pub(in crate::sandbox) fn plan(
        &self,
        parent: &str,
        name: &str,
        resources: &Resources,
    ) -> CgroupPlan {
        let mut plan = CgroupPlan {
            resources: resources.clone(),
            ..CgroupPlan::default()
        };
        for controller in CONTROLLERS {
            match self.place(controller) {
                Some((point, Version::One)) => {
                    let group = point.join(parent).join(name);
                    plan.v1.insert(controller.to_owned(), group);
                }
                Some((point, Version::Two)) => {
                    plan.v2 = Some(point.join(parent).join(name));
                }
                None => {}
            }
        }
        plan
    }
}

fn writable(point: &Path) -> bool {
    rustix::fs::access(point, rustix::fs::Access::WRITE_OK).is_ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// The groups of one instance.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::sandbox) struct CgroupPlan {
    /// Version 1: controller → directory.
    v1: BTreeMap<String, PathBuf>,
    /// Version 2: the directory.
    v2: Option<PathBuf>,
    resources: Resources,
}

impl CgroupPlan {
    /// Makes the groups and sets the limits. On failure nothing of them is left.
    pub(in crate::sandbox) fn create(&self) -> io::Result<()> {
        let mut made = self.try_create();
        for _ in 0..8 {
            // Another instance's removal took the common parent away in between.
            let gone =
                |e: &io::Error| matches!(e.raw_os_error(), Some(libc::ENOENT | libc::ENODEV));
            if made.as_ref().is_err_and(gone) {
                made = self.try_create();
            }
        }
        if made.is_err() {
            // The first error is the one to tell.
            let _ = self.remove();
        }
        made
    }

    fn try_create(&self) -> io::Result<()> {
        for (controller, directory) in &self.v1 {
            std::fs::create_dir_all(directory)?;
            v1::limit(controller, directory, &self.resources)?;
        }
        if let Some(directory) = &self.v2 {
            v2::create(directory)?;
            v2::limit(directory, &self.resources)?;
        }
        Ok(())
    }

    /// Moves a process into the groups (0: the calling one).
    pub(in crate::sandbox) fn attach(&self, pid: i32) -> io::Result<()> {
        for directory in self.v1.values().chain(&self.v2) {
            super::write(directory, "cgroup.procs", &pid.to_string())?;
        }
        Ok(())
    }

    /// Whether all of it is of version 2.
    pub(in crate::sandbox) fn is_unified(&self) -> bool {
        self.v1.is_empty() && self.v2.is_some()
    }

    /// The controllers of version 1.
    pub(in crate::sandbox) fn controllers(&self) -> impl Iterator<Item = &str> {
        self.v1.keys().map(String::as_str)
    }

    /// How many processes the kernel killed for memory.
    pub(in crate::sandbox) fn memory_kills(&self) -> u64 {
        let from_v1 = self.v1.get("memory").and_then(|dir| v1::memory_kills(dir));
        let from_v2 = || self.v2.as_ref().and_then(|dir| v2::memory_kills(dir));
        from_v1.or_else(from_v2).unwrap_or(0)
    }

    /// Removes the groups. Nothing may run in them any more.
    pub(in crate::sandbox) fn remove(&self) -> io::Result<()> {
        let mut result = Ok(());
        for directory in self.v1.values().chain(&self.v2) {
            result = remove(directory).and(result);
            if let Some(parent) = directory.parent() {
                // Other instances are in it: then it stays.
                let _ = std::fs::remove_dir(parent);
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hybrid_machine_is_understood() {
        let table = "\
30 24 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct
31 24 0:28 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
32 24 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd";
        let found = Hierarchies::detect(table, "0::/\n");
        assert_eq!(found.v1["memory"], Path::new("/sys/fs/cgroup/memory"));
        assert_eq!(found.v1["cpu"], Path::new("/sys/fs/cgroup/cpu,cpuacct"));
        assert!(!found.v1.contains_key("pids"));
    }
}
