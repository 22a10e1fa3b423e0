//! The shim's loop: clients, commands, ends of processes.

use std::io::ErrorKind;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use gitpod_core::instance::Exit;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use rustix::time::{ClockId, clock_gettime};

use super::create::Instance;
use super::exec::{self, Running};
use crate::sandbox::channel::Channel;
use crate::sandbox::confine::Filter;
use crate::sandbox::protocol::{Exec, Link, Progress, Reply, Request};
use crate::sandbox::sys::{self, Interface, SignalReader};
use crate::sandbox::trouble::Trouble;

/// Clients at once; more wait in the socket's queue.
const MOST_CLIENTS: usize = 512;

/// A connection from a server.
#[derive(Debug)]
struct Client {
    channel: Channel,
    running: Option<Running>,
    /// The instance is a job and ends with this connection.
    owner: bool,
}

/// Serves an instance until it ends.
#[derive(Debug)]
pub(super) struct Server<'a> {
    instance: Instance,
    listener: Option<OwnedFd>,
    signals: SignalReader,
    clients: Vec<Client>,
    filter: &'a Filter,
    /// When the instance is killed, in monotonic milliseconds.
    deadline: Option<u64>,
    ended: Option<Exit>,
}

impl<'a> Server<'a> {
    /// Serves `instance`; tells the one who asked for it that it runs.
    pub(super) fn new(
        instance: Instance,
        listener: Option<OwnedFd>,
        first: &Channel,
        filter: &'a Filter,
    ) -> Result<Self, Trouble> {
        let cannot = |e: std::io::Error| Trouble::new("cannot serve the instance", e);
        let signals = SignalReader::children().map_err(cannot)?;
        let first = first.as_fd().try_clone_to_owned().map_err(cannot)?;
        let first = Channel::from_fd(first);
        first.set_nonblocking().map_err(cannot)?;
        let network: Vec<_> = instance.network.iter().map(AsFd::as_fd).collect();
        // The asker may have died meanwhile; the instance lives on, unless it is a job, which the loop notices.
        let _ = first.send(&Reply::Started, &network);
        let owner = instance.place.is_none();
        Ok(Self {
            instance,
            listener,
            signals,
            clients: vec![Client {
                channel: first,
                running: None,
                owner,
            }],
            filter,
            deadline: None,
            ended: None,
        })
    }

    /// The loop.
    pub(super) fn run(mut self) -> Result<(), Trouble> {
        // A child may have ended before its signal was read.
        self.reap();
        while self.ended.is_none() {
            self.wait_and_work();
        }
        self.finish()
    }

    fn wait_and_work(&mut self) {
        let ready = self.wait();
        if ready.log
            && let Some(log) = &mut self.instance.log
            && !log.pump()
        {
            self.instance.log = None;
        }
        for index in &ready.progress {
            self.hear_progress(*index);
        }
        if ready.signals {
            self.signals.drain();
            self.reap();
        }
        // From the end, so that the indices of the others stay right.
        for index in ready.clients.iter().rev() {
            if !self.hear_client(*index) {
                self.drop_client(*index);
            }
        }
        if ready.listener {
            self.accept();
        }
        if self.deadline.is_some_and(|deadline| deadline <= now()) {
            self.deadline = None;
            let _ = sys::send_signal(self.instance.init, libc::SIGKILL);
        }
    }

    fn wait(&self) -> Ready {
        let mut who = vec![Source::Signals];
        let mut fds = vec![PollFd::new(&self.signals, PollFlags::IN)];
        for (source, fd) in self.sources() {
            who.push(source);
            fds.push(PollFd::from_borrowed_fd(fd, PollFlags::IN));
        }
        let limit = self
            .deadline
            .map(|deadline| timespec(deadline.saturating_sub(now())));
        // Interrupted or out of memory: nothing is ready, the loop comes again.
        let _ = poll(&mut fds, limit.as_ref());
        let mut ready = Ready::default();
        for (source, fd) in who.iter().zip(&fds) {
            if !fd.revents().is_empty() {
                ready.add(*source);
            }
        }
        ready
    }

    fn sources(&self) -> Vec<(Source, BorrowedFd<'_>)> {
        let mut sources = Vec::with_capacity(4 + 2 * self.clients.len());
        if let Some(listener) = &self.listener
            && self.clients.len() < MOST_CLIENTS
        {
            sources.push((Source::Listener, listener.as_fd()));
        }
        if let Some(log) = &self.instance.log {
            sources.push((Source::Log, log.as_fd()));
        }
        for (index, client) in self.clients.iter().enumerate() {
            sources.push((Source::Client(index), client.channel.as_fd()));
            if let Some(progress) = client.running.as_ref().and_then(|r| r.progress.as_ref()) {
                sources.push((Source::Progress(index), progress.as_fd()));
            }
        }
        sources
    }

    fn accept(&mut self) {
        let Some(listener) = &self.listener else {
            return;
        };
        if let Ok(channel) = Channel::accept(listener.as_fd()) {
            self.clients.push(Client {
                channel,
                running: None,
                owner: false,
            });
        }
    }

    /// Serves a client's message. Whether the client is still there.
    fn hear_client(&mut self, index: usize) -> bool {
        match self.clients[index].channel.receive::<Request>() {
            Ok(Some((request, fds))) => {
                let (reply, fd) = match self.serve(index, request, fds) {
                    Ok(Some((reply, fd))) => (reply, fd),
                    Ok(None) => return true,
                    Err(trouble) => (Reply::Failed(trouble), None),
                };
                let fds: Vec<_> = fd.iter().map(AsFd::as_fd).collect();
                self.clients[index].channel.send(&reply, &fds).is_ok()
            }
            Ok(None) => false,
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }

    fn serve(
        &mut self,
        index: usize,
        request: Request,
        fds: Vec<OwnedFd>,
    ) -> Result<Option<(Reply, Option<OwnedFd>)>, Trouble> {
        match request {
            Request::Start(_) => Err(Trouble::unexpected("this shim has an instance")),
            Request::Exec(exec) => self.exec(index, &exec, fds).map(|()| None),
            Request::Signal(signal) => {
                if let Some(running) = &self.clients[index].running {
                    let _ = sys::send_signal(-running.pid, signal);
                }
                Ok(None)
            }
            Request::Socket { v6 } => {
                let family = if v6 {
                    AddressFamily::INET6
                } else {
                    AddressFamily::INET
                };
                let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
                let socket = socket_with(family, SocketType::STREAM, flags, None)
                    .map_err(|e| Trouble::new("cannot make a socket", e))?;
                Ok(Some((Reply::Done, Some(socket))))
            }
            Request::Configure(link) => {
                configure(&link).map_err(|e| Trouble::new("cannot set up the network link", e))?;
                Ok(Some((Reply::Done, None)))
            }
            Request::Stop { grace } => {
                self.stop(grace);
                Ok(None)
            }
        }
    }

    fn exec(&mut self, index: usize, exec: &Exec, streams: Vec<OwnedFd>) -> Result<(), Trouble> {
        if self.clients[index].running.is_some() {
            return Err(Trouble::unexpected("one command per connection"));
        }
        let running = exec::spawn(&self.instance, exec, streams, self.filter)?;
        self.clients[index].running = Some(running);
        Ok(())
    }

    fn stop(&mut self, grace: u64) {
        let deadline = now().saturating_add(grace);
        self.deadline = Some(
            self.deadline
                .map_or(deadline, |earlier| earlier.min(deadline)),
        );
        if grace > 0 {
            let _ = sys::send_signal(self.instance.init, libc::SIGTERM);
        }
    }

    fn hear_progress(&mut self, index: usize) {
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        let Some(running) = &mut client.running else {
            return;
        };
        while let Some(progress) = &running.progress {
            let (reply, fds) = match progress.receive::<Progress>() {
                Ok(Some((Progress::Terminal, fds))) => (Reply::Terminal, fds),
                Ok(Some((Progress::Failed(trouble), _))) => {
                    running.progress = None;
                    (Reply::Failed(trouble), Vec::new())
                }
                Ok(Some((Progress::Namespaces, _))) => continue,
                Ok(None) => {
                    running.progress = None;
                    (Reply::Started, Vec::new())
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => {
                    running.progress = None;
                    let what = "the command died before it began";
                    (Reply::Failed(Trouble::new(what, error)), Vec::new())
                }
            };
            let fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
            // A client that is gone is noticed by its channel.
            let _ = client.channel.send(&reply, &fds);
        }
    }

    fn reap(&mut self) {
        while let Some((pid, exit)) = sys::wait_any() {
            if pid == self.instance.init {
                self.ended = Some(self.verdict(exit));
                continue;
            }
            if let Some(outlet) = self.instance.outlet.take_if(|outlet| outlet.is(pid)) {
                // The instance goes on without; the program said why in the log.
                outlet.reaped();
                continue;
            }
            let of = |client: &Client| client.running.as_ref().is_some_and(|r| r.pid == pid);
            if let Some(index) = self.clients.iter().position(of) {
                self.hear_progress(index);
                self.tell_exit(index, exit);
            }
        }
    }

    fn tell_exit(&mut self, index: usize, mut exit: Exit) {
        let client = &mut self.clients[index];
        if let Some(running) = client.running.take() {
            exit.oom_killed = exit.signal == Some(libc::SIGKILL)
                && self.instance.start.cgroups.memory_kills() > running.memory_kills;
            let _ = client.channel.send(&Reply::Exited(exit), &[]);
        }
    }

    /// How the command ended, as its first process says, or as that process itself did.
    fn verdict(&self, of_init: Exit) -> Exit {
        let said = self
            .instance
            .verdict
            .set_nonblocking()
            .and_then(|()| self.instance.verdict.receive::<Exit>());
        let mut exit = match said {
            Ok(Some((exit, _))) => exit,
            _ => of_init,
        };
        exit.oom_killed = self.instance.start.cgroups.memory_kills() > 0;
        exit
    }

    fn drop_client(&mut self, index: usize) {
        let client = self.clients.remove(index);
        if let Some(running) = client.running {
            // Its own session: the whole of it. Not reaped yet, so the number is its own.
            let _ = sys::send_signal(-running.pid, libc::SIGKILL);
            let _ = sys::send_signal(running.pid, libc::SIGKILL);
        }
        if client.owner {
            let _ = sys::send_signal(self.instance.init, libc::SIGKILL);
        }
    }

    /// Records the end and removes what was made. Clients learn of the end by the end of their connection.
    fn finish(mut self) -> Result<(), Trouble> {
        let exit = self.ended.take().unwrap_or_default();
        drop(self.instance.outlet.take());
        if let Some(log) = &mut self.instance.log {
            log.pump();
        }
        let removed = self.instance.start.cgroups.remove();
        if let Some(place) = &self.instance.place {
            place.write_exit(&exit)?;
        }
        for client in &self.clients {
            if client.owner {
                let _ = client.channel.send(&Reply::Exited(exit.clone()), &[]);
            }
        }
        removed.map_err(|e| Trouble::new("cannot remove the control groups", e))
    }
}

fn configure(link: &Link) -> std::io::Result<()> {
    let interface = Interface::new(&link.interface)?;
    interface.set_address(link.address, link.prefix)?;
    interface.bring_up()?;
    interface.set_default_route(link.gateway)
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Signals,
    Listener,
    Log,
    Client(usize),
    Progress(usize),
}

#[derive(Debug, Default)]
struct Ready {
    signals: bool,
    listener: bool,
    log: bool,
    clients: Vec<usize>,
    progress: Vec<usize>,
}

impl Ready {
    fn add(&mut self, source: Source) {
        match source {
            Source::Signals => self.signals = true,
            Source::Listener => self.listener = true,
            Source::Log => self.log = true,
            Source::Client(index) => self.clients.push(index),
            Source::Progress(index) => self.progress.push(index),
        }
    }
}

fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let millis = Duration::new(
        u64::try_from(now.tv_sec).unwrap_or_default(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
    .as_millis();
    u64::try_from(millis).unwrap_or(u64::MAX)
}

fn timespec(millis: u64) -> Timespec {
    // Rounded up, or the loop would spin through the last millisecond.
    let millis = millis.saturating_add(1);
    Timespec {
        tv_sec: i64::try_from(millis / 1000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(millis % 1000 * 1_000_000).unwrap_or_default(),
    }
}
