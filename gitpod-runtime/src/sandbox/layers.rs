//! How overlays get their layers, chosen by trying.

use gitpod_core::{Error, ErrorKind, Result};
use rustix::mount::MountPropagationFlags;
use serde::{Deserialize, Serialize};

use super::overlay;
use super::sys;
use super::trial::Trial;
use super::trouble::Trouble;

/// How overlays get their layers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LayerMode {
    /// The best way the kernel has, found out when the sandbox opens.
    #[default]
    Auto,
    /// As descriptors of mounts that are attached nowhere. Linux 6.15 and newer.
    Detached,
    /// As paths of mounts that are attached for the moment, in the mount namespace of the instance that is being made. Linux
    /// 5.19 and newer; a little slower.
    Attached,
}

/// A way that works here.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Layers {
    #[default]
    Detached,
    Attached,
}

impl LayerMode {
    /// Tries the ways this stands for, the best one first.
    pub(super) fn resolve(self, privileged: bool) -> Result<Layers> {
        let candidates: &[Layers] = match self {
            Self::Auto => &[Layers::Detached, Layers::Attached],
            Self::Detached => &[Layers::Detached],
            Self::Attached => &[Layers::Attached],
        };
        let mut last = None;
        let trial = if privileged { None } else { Trial::hold() };
        for layers in candidates {
            let attempt = match &trial {
                Some(trial) => layers.tried(trial),
                None => layers.check(),
            };
            match attempt {
                Ok(()) => return Ok(*layers),
                Err(trouble) => last = Some(trouble),
            }
        }
        let error = Error::new(ErrorKind::FailedPrecondition, "cannot make overlays here")
            .with_context("layers", format!("{self:?}").to_lowercase())
            .with_hint(
                "the sandbox needs overlayfs and Linux 5.19 or newer (6.15 for `detached` layers)",
            );
        Err(match last {
            Some(trouble) => error.with_source(Error::from(trouble)),
            None => error,
        })
    }
}

impl Layers {
    /// How this way did in a user's trial.
    fn tried(self, trial: &Trial) -> Result<(), Trouble> {
        trial.namespaces.clone()?;
        match (self, &trial.inside) {
            (Self::Detached, Some(inside)) => inside.detached.clone(),
            (Self::Attached, Some(inside)) => inside.attached.clone(),
            (_, None) => Err(Trouble::unexpected("nothing was tried")),
        }
    }

    /// Makes a small overlay this way and drops it.
    pub(super) fn check(self) -> Result<(), Trouble> {
        // A thread, since the attached way takes a mount namespace and leaves its working directory changed; both are the
        // thread's own and end with it.
        let attempt = std::thread::spawn(move || {
            if self == Self::Attached {
                own_mount_namespace()?;
            }
            overlay::rehearse(self, false)
        });
        attempt
            .join()
            .unwrap_or_else(|_| Err(Trouble::unexpected("the overlay check panicked")))
    }
}

fn own_mount_namespace() -> Result<(), Trouble> {
    let cannot = |e| Trouble::new("cannot make a mount namespace", e);
    sys::enter_own_mount_namespace().map_err(cannot)?;
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    rustix::mount::mount_change("/", private).map_err(|e| cannot(e.into()))
}
