//! Removes what crashes left behind, when a runtime opens and nobody else uses its state directory.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use gitpod_core::Result;
use rustix::fs::{FlockOperation, flock};

use super::host_root::SKELETON;
use super::instances::failed;
use super::record::{Place, Standing};
use super::slot::Slots;

/// Tidies up if this runtime is alone, and lets later ones know that it lives.
pub(super) fn if_alone(alive: &File, state: &Path, slots: &Slots) -> Result<()> {
    let cannot = |e: io::Error| failed("cannot tidy the sandbox's state directory", e);
    if flock(alive, FlockOperation::NonBlockingLockExclusive).is_ok() {
        tidy(state, slots).map_err(cannot)?;
    }
    // From exclusive to shared without a gap in which a third could come in and tidy: the kernel may open one, but then the
    // third tidies what is tidy.
    flock(alive, FlockOperation::LockShared).map_err(|e| cannot(e.into()))
}

fn tidy(state: &Path, slots: &Slots) -> io::Result<()> {
    let mut instances = BTreeSet::new();
    let mut skeletons = BTreeSet::new();
    for entry in fs::read_dir(state.join("instances"))? {
        let entry = entry?;
        let place = Place::new(&entry.path());
        match place.standing() {
            Standing::HalfMade => place.remove()?,
            Standing::Absent => {}
            Standing::Creating => {
                instances.insert(entry.file_name());
                // Its skeleton is not known yet: keep them all.
                skeletons.extend(all_skeletons(state)?);
            }
            Standing::Running(record) => {
                instances.insert(entry.file_name());
                skeletons.insert(record.skeleton);
            }
            Standing::Exited(..) => {
                instances.insert(entry.file_name());
            }
        }
    }
    for skeleton in all_skeletons(state)? {
        if !skeletons.contains(&skeleton) {
            fs::remove_dir_all(skeleton)?;
        }
    }
    slots.keep(|owner| instances.contains(owner.as_ref() as &std::ffi::OsStr))
}

fn all_skeletons(state: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(state)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(SKELETON) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Empties the state directory.
pub(super) fn everything(state: &Path) -> Result<()> {
    let remove = || {
        for skeleton in all_skeletons(state)? {
            fs::remove_dir_all(skeleton)?;
        }
        for directory in ["instances", "slots"] {
            for entry in fs::read_dir(state.join(directory))? {
                let path = entry?.path();
                if path.is_dir() {
                    fs::remove_dir_all(path)?;
                } else {
                    fs::remove_file(path)?;
                }
            }
        }
        Ok(())
    };
    remove().map_err(|e: io::Error| failed("cannot empty the sandbox's state directory", e))
}
