//! What a user may do on this machine, found out by doing it in a process of its own: the steps of an instance's construction
//! that kernels, distributions and containers forbid one or the other of.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::mount::{MountAttrFlags, MountPropagationFlags};
use serde::{Deserialize, Serialize};

use super::assemble::kernel_file_system;
use super::channel::Channel;
use super::ids::Ids;
use super::launcher;
use super::layers::Layers;
use super::overlay;
use super::sys::{self, Fork};
use super::trouble::Trouble;

/// The name under which an executable tries.
pub(super) const NAME: &str = "gitpod-sandbox-trial";

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Trial {
    /// Namespaces, with this user in them.
    pub(super) namespaces: Result<(), Trouble>,
    pub(super) inside: Option<Inside>,
}

/// What came of the steps inside the namespaces.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Inside {
    pub(super) detached: Result<(), Trouble>,
    pub(super) attached: Result<(), Trouble>,
    /// `/proc` and `/sys`.
    pub(super) kernel_file_systems: Result<(), Trouble>,
}

impl Trial {
    /// Tries. `None` when this program cannot: it would not recognise itself ([`reexec`](super::reexec)).
    pub(super) fn hold() -> Option<Self> {
        if !launcher::is_hooked() {
            return None;
        }
        let output = Command::new("/proc/self/exe")
            .arg0(NAME)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        serde_json::from_slice(&output.stdout).ok()
    }

    /// The best way of making overlays that works.
    pub(super) fn layers(&self) -> Option<Layers> {
        let inside = self.inside.as_ref()?;
        match (&inside.detached, &inside.attached) {
            (Ok(()), _) => Some(Layers::Detached),
            (_, Ok(())) => Some(Layers::Attached),
            _ => None,
        }
    }
}

/// Tries, and tells on standard output.
pub(super) fn run() -> ! {
    let (namespaces, inside) = match in_namespaces() {
        Ok(inside) => (Ok(()), Some(inside)),
        Err(trouble) => (Err(trouble), None),
    };
    let tell = || {
        let text = serde_json::to_vec(&Trial { namespaces, inside })?;
        let mut output = std::io::stdout();
        output.write_all(&text)?;
        output.flush()
    };
    let told: std::io::Result<()> = tell();
    sys::exit_now(i32::from(told.is_err()))
}

fn in_namespaces() -> Result<Inside, Trouble> {
    let cannot = |what: &'static str| move |e: std::io::Error| Trouble::new(what, e);
    let (outer, inner) = Channel::pair().map_err(cannot("cannot make a channel"))?;
    let all = libc::CLONE_NEWUSER
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWNET
        | libc::CLONE_NEWCGROUP;
    let (fork, _process) =
        sys::clone_into_namespaces(all).map_err(cannot("cannot make namespaces"))?;
    match fork {
        Fork::Parent(init) => {
            drop(inner);
            Ids::own()
                .map(&PathBuf::from(format!("/proc/{init}")))
                .map_err(cannot("cannot map this user into a user namespace"))?;
            outer
                .send(&(), &[])
                .map_err(cannot("cannot tell the child to go on"))?;
            match outer.receive::<Inside>() {
                Ok(Some((inside, _))) => Ok(inside),
                Ok(None) => Err(Trouble::unexpected("the child died")),
                Err(error) => Err(Trouble::new("cannot hear the child", error)),
            }
        }
        Fork::Child => {
            drop(outer);
            // Without a parent there is nobody to tell.
            if let Ok(Some(((), _))) = inner.receive::<()>() {
                let _ = inner.send(&try_inside(), &[]);
            }
            sys::exit_now(0)
        }
    }
}

fn try_inside() -> Inside {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    let cut_off = rustix::mount::mount_change("/", private);
    let kernel_file_systems = cut_off
        .map_err(|e| Trouble::new("cannot cut off the node's mounts", e))
        .and_then(|()| kernel_file_system("proc", MountAttrFlags::empty()))
        .and_then(|_| kernel_file_system("sysfs", MountAttrFlags::MOUNT_ATTR_RDONLY))
        .map(drop);
    Inside {
        detached: overlay::rehearse(Layers::Detached, true),
        attached: overlay::rehearse(Layers::Attached, true),
        kernel_file_systems,
    }
}
