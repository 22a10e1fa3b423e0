//! Makes an instance.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use gitpod_core::instance::Network;
use gitpod_core::{Clock as _, SystemClock};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};

use super::log::Log;
use super::outlet::{self, Outlet};
use crate::sandbox::channel::Channel;
use crate::sandbox::confine::Filter;
use crate::sandbox::container::{self, Inheritance};
use crate::sandbox::mounts;
use crate::sandbox::protocol::{Proceed, Progress, Record, Start, VERSION};
use crate::sandbox::record::Place;
use crate::sandbox::stage::Stage;
use crate::sandbox::sys::{self, Fork};
use crate::sandbox::trouble::Trouble;

/// A running instance, as its shim holds it.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) start: Start,
    pub(super) place: Option<Place>,
    pub(super) init: i32,
    pub(super) init_fd: OwnedFd,
    pub(super) verdict: Channel,
    pub(super) log: Option<Log>,
    pub(super) network: Option<OwnedFd>,
    /// Those that further commands join, where they cannot be looked up.
    pub(super) namespaces: Vec<OwnedFd>,
    /// Its way out to the network, where the shim gives it.
    pub(super) outlet: Option<Outlet>,
}

/// Makes the instance `start` describes. On failure nothing of it is left.
pub(super) fn create(
    start: &Start,
    streams: Vec<OwnedFd>,
    filter: &Filter,
    place: Option<&Place>,
) -> Result<Instance, Trouble> {
    start
        .cgroups
        .create()
        .map_err(|e| Trouble::new("cannot make the control groups", e))?;
    let made = fork_and_complete(start, streams, filter, place);
    if made.is_err() {
        // The first failure is the one to tell. What is left here is found and removed by the next server.
        let _ = start.cgroups.remove();
    }
    made
}

fn fork_and_complete(
    start: &Start,
    streams: Vec<OwnedFd>,
    filter: &Filter,
    place: Option<&Place>,
) -> Result<Instance, Trouble> {
    let io = |e: std::io::Error| Trouble::new("cannot make a channel", e);
    let (progress, inner_progress) = Channel::pair().map_err(io)?;
    let (verdict, inner_verdict) = Channel::pair().map_err(io)?;
    let (streams, log) = standard_streams(streams, place)?;
    let (fork, init_fd) =
        sys::clone_into_namespaces(namespaces(start)).map_err(explain_namespaces)?;
    let (Fork::Parent(init), Some(init_fd)) = (fork, init_fd) else {
        drop((progress, verdict, log));
        container::run(Inheritance {
            start,
            filter,
            streams,
            progress: inner_progress,
            verdict: inner_verdict,
        })
    };
    drop((inner_progress, inner_verdict));
    // A job's streams are its own.
    let errors = log.as_ref().map(|_| streams[2].as_fd());
    let completed = complete(start, init, &init_fd, &progress, errors).and_then(|gained| {
        let instance = Instance {
            start: start.clone(),
            place: place.cloned(),
            init,
            network: gained.network,
            namespaces: gained.namespaces,
            outlet: gained.outlet,
            init_fd,
            verdict,
            log,
        };
        record(&instance)?;
        Ok(instance)
    });
    if completed.is_err() {
        end(init);
    }
    completed
}

fn namespaces(start: &Start) -> libc::c_int {
    let own = libc::CLONE_NEWUSER
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS;
    match start.spec.network {
        Network::Host => own,
        Network::None | Network::Egress => own | libc::CLONE_NEWNET,
    }
}

fn explain_namespaces(error: std::io::Error) -> Trouble {
    let hint = match error.raw_os_error() {
        Some(libc::ENOSPC) => {
            "the node's limit of namespaces is used up: raise user.max_user_namespaces and its likes with sysctl"
        }
        _ => {
            "allow user namespaces: sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone"
        }
    };
    Trouble::new("cannot make namespaces", error).hint(hint)
}

/// Standard streams of the command: those that came along, or none for input and the log for output.
fn standard_streams(
    given: Vec<OwnedFd>,
    place: Option<&Place>,
) -> Result<([OwnedFd; 3], Option<Log>), Trouble> {
    if let Ok(streams) = <[OwnedFd; 3]>::try_from(given) {
        return Ok((streams, None));
    }
    let cannot = |e: std::io::Error| Trouble::new("cannot make the log", e);
    let null = || File::options().read(true).write(true).open("/dev/null");
    let Some(place) = place else {
        let streams = [null(), null(), null()].map(|file| file.map(OwnedFd::from));
        let [a, b, c] = streams;
        return Ok((
            [a.map_err(cannot)?, b.map_err(cannot)?, c.map_err(cannot)?],
            None,
        ));
    };
    let (log, writer) = Log::open(place).map_err(cannot)?;
    let copy = writer.try_clone().map_err(cannot)?;
    Ok(([null().map_err(cannot)?.into(), writer, copy], Some(log)))
}

/// What a shim gets while it makes an instance.
#[derive(Debug)]
struct Gained {
    network: Option<OwnedFd>,
    namespaces: Vec<OwnedFd>,
    outlet: Option<Outlet>,
}

/// Does what needs the node's privileges: ids, control groups, mounts. Returns when the command runs.
fn complete(
    start: &Start,
    init: i32,
    init_fd: &OwnedFd,
    progress: &Channel,
    errors: Option<BorrowedFd<'_>>,
) -> Result<Gained, Trouble> {
    let process = PathBuf::from(format!("/proc/{init}"));
    start
        .ids
        .map(&process)
        .map_err(|e| Trouble::new("cannot map ids", e).at(&process))?;
    start
        .cgroups
        .attach(init)
        .map_err(|e| Trouble::new("cannot enter the control groups", e))?;
    if start.ids.is_one() {
        // Before this process joins the instance: the other side of the way out is the node's network.
        let outlet = start
            .way_out
            .as_ref()
            .map(|way_out| Outlet::open(way_out, &process, errors))
            .transpose()?;
        let namespaces = complete_as_user(start, init_fd, progress, outlet.as_ref())?;
        return Ok(Gained {
            network: None,
            namespaces,
            outlet,
        });
    }
    let users = File::open(process.join("ns/user"))
        .map_err(|e| Trouble::new("cannot open the user namespace", e))?;
    let stage = Stage::new(start.layers, init_fd.as_fd());
    let prepared = mounts::prepare(start, Some(users.as_fd()), &stage)?;
    let mut fds = vec![prepared.root.as_fd()];
    let mut targets = Vec::new();
    for (target, mount) in &prepared.others {
        targets.push(target.clone());
        fds.push(mount.as_fd());
    }
    // While the first process waits: once told to go on, it may be done in no time.
    let network = move_next_to(start, init_fd, init)?;
    progress
        .send(&Proceed { targets }, &fds)
        .map_err(|e| Trouble::new("cannot hand over the mounts", e))?;
    match hear(progress)? {
        None => Ok(Gained {
            network,
            namespaces: Vec::new(),
            outlet: None,
        }),
        Some(_) => Err(Trouble::unexpected("an instance has nothing to hand out")),
    }
}

/// The same where the instance does all that needs privileges itself: it has them, in its own namespaces, and this process
/// gets them by joining it. Answers the namespaces that it does not stay in.
fn complete_as_user(
    start: &Start,
    init_fd: &OwnedFd,
    progress: &Channel,
    outlet: Option<&Outlet>,
) -> Result<Vec<OwnedFd>, Trouble> {
    let mut joined = libc::CLONE_NEWUSER | libc::CLONE_NEWPID;
    if start.spec.network != Network::Host {
        joined |= libc::CLONE_NEWNET;
    }
    if let Some(outlet) = outlet {
        outlet.charge(&start.cgroups)?;
    }
    hide()?;
    join(init_fd, joined)?;
    if let Some(way_out) = &start.way_out {
        outlet::close_off(way_out)?;
    }
    let targets = Vec::new();
    progress
        .send(&Proceed { targets }, &[])
        .map_err(|e| Trouble::new("cannot let the instance go on", e))?;
    let ended = || Trouble::unexpected("the instance did not hand out its namespaces");
    let namespaces = hear(progress)?.ok_or_else(ended)?;
    match hear(progress)? {
        None => Ok(namespaces),
        Some(_) => Err(Trouble::unexpected("namespaces are handed out once")),
    }
}

/// What the instance under construction says: it hands out namespaces, or its command runs (`None`).
fn hear(progress: &Channel) -> Result<Option<Vec<OwnedFd>>, Trouble> {
    match progress.receive::<Progress>() {
        Ok(None) => Ok(None),
        Ok(Some((Progress::Namespaces, fds))) => Ok(Some(fds)),
        Ok(Some((Progress::Failed(trouble), _))) => Err(trouble),
        Ok(Some((Progress::Terminal, _))) => {
            Err(Trouble::unexpected("an instance has no terminal"))
        }
        // The other end died with a message unread.
        Err(error) => Err(Trouble::new("the instance died while it was made", error)),
    }
}

/// Puts this process where its work is: children into the instance's process namespace, sockets into its network.
fn move_next_to(start: &Start, init_fd: &OwnedFd, init: i32) -> Result<Option<OwnedFd>, Trouble> {
    hide()?;
    join(init_fd, libc::CLONE_NEWPID)?;
    if start.spec.network == Network::Host {
        return Ok(None);
    }
    join(init_fd, libc::CLONE_NEWNET)?;
    let network = File::open(format!("/proc/{init}/ns/net"))
        .map_err(|e| Trouble::new("cannot open the network namespace", e))?;
    Ok(Some(network.into()))
}

fn hide() -> Result<(), Trouble> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|e| Trouble::new("cannot hide the shim", e))
}

fn join(init_fd: &OwnedFd, namespaces: libc::c_int) -> Result<(), Trouble> {
    sys::join_namespaces(init_fd.as_fd(), namespaces)
        .map_err(|e| Trouble::new("cannot join the instance", e))
}

fn record(instance: &Instance) -> Result<(), Trouble> {
    let Some(place) = &instance.place else {
        return Ok(());
    };
    let start = &instance.start;
    place.write_record(&Record {
        version: VERSION,
        id: start.spec.id,
        workspace: start.spec.workspace.clone(),
        started_at: SystemClock.now(),
        shim: rustix::process::getpid().as_raw_nonzero().get(),
        init: instance.init,
        skeleton: start.skeleton.clone(),
        cgroups: start.cgroups.clone(),
    })
}

/// Kills a half-made instance and waits for its end.
pub(super) fn end(init: i32) {
    let _ = sys::send_signal(init, libc::SIGKILL);
    if let Some(pid) = rustix::process::Pid::from_raw(init) {
        // It is our child and has not been reaped; nothing else can fail.
        let _ = rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty());
    }
}
