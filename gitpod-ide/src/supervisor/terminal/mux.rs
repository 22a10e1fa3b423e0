use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Signal, kill_process};
use tokio::sync::watch;
use tokio::time::timeout;

use super::session::{Birth, Session};
use crate::supervisor::process::{Exit, Processes, Program, session_members, snapshot, wait};
use crate::supervisor::pty::{self, Size};

/// Open at once; a client in a loop must not use up the instance.
const MAX_OPEN: usize = 128;
/// Closed terminals that can still be read, beside those of tasks.
const MAX_CLOSED: usize = 16;
/// How long a shell may take to end after its terminal was hung up.
const HANG_UP_PATIENCE: Duration = Duration::from_secs(2);

/// What to open a terminal with.
#[derive(Debug)]
pub(crate) struct OpenOptions {
    pub(crate) program: Program,
    pub(crate) size: Size,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) title: Option<String>,
    /// The terminal of a task: what it wrote stays readable for the life of the instance.
    pub(crate) is_task: bool,
}

/// Looks at a terminal's output before it is kept, and may take things out of it.
pub(crate) trait Filter: Send + 'static {
    /// What of `output` to keep.
    fn pass(&mut self, output: &[u8]) -> Vec<u8>;

    /// What was held back, at the end.
    fn rest(&mut self) -> Vec<u8>;
}

/// All terminals of the instance.
#[derive(Debug)]
pub(crate) struct Terminals {
    processes: Arc<Processes>,
    sessions: Mutex<Vec<Arc<Session>>>,
}

impl Terminals {
    pub(crate) fn new(processes: Arc<Processes>) -> Self {
        Self {
            processes,
            sessions: Mutex::default(),
        }
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a terminal and starts its program.
    ///
    /// # Errors
    /// `QuotaExceeded`: too many are open. Else as the system says.
    pub(crate) fn open(
        &self,
        options: OpenOptions,
        filter: Option<Box<dyn Filter>>,
    ) -> io::Result<Arc<Session>> {
        if self.list().len() >= MAX_OPEN {
            return Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                format!("{MAX_OPEN} terminals are open; close some first"),
            ));
        }
        let program = options.program;
        let owner = (program.account.uid, program.account.gid);
        let (master, stdio) = pty::open(options.size, owner)?;
        let child = self.processes.spawn(program.pty_command(stdio))?;
        let birth = Birth {
            alias: random_name()?,
            command: program.argv,
            pid: child.pid,
            workdir: program.cwd,
            starter_token: random_name()?,
            is_task: options.is_task,
            annotations: options.annotations,
            title: options.title,
        };
        let session = Arc::new(Session::new(birth, master));
        {
            let mut sessions = self.sessions();
            forget_old(&mut sessions);
            sessions.push(Arc::clone(&session));
        }
        tokio::spawn(pump(Arc::clone(&session), child.exit, filter));
        Ok(session)
    }

    /// The open ones, in the order they were opened.
    pub(crate) fn list(&self) -> Vec<Arc<Session>> {
        let sessions = self.sessions();
        let open = sessions
            .iter()
            .filter(|session| session.exit_code().is_none());
        open.cloned().collect()
    }

    /// An open one, or one that closed lately.
    pub(crate) fn get(&self, alias: &str) -> Option<Arc<Session>> {
        let sessions = self.sessions();
        sessions
            .iter()
            .find(|session| session.alias == alias)
            .cloned()
    }

    /// Ends a terminal and everything in its session: hang-up, then the strongest signal.
    pub(crate) async fn shutdown(&self, session: &Session, force_success: bool) {
        if force_success {
            session.force_success();
        }
        self.signal_session(session, Signal::HUP);
        self.signal_session(session, Signal::CONT);
        if timeout(HANG_UP_PATIENCE, session.closed()).await.is_err() {
            self.signal_session(session, Signal::KILL);
            // A process in uninterruptible sleep may outlast even that; nobody can wait for it.
            let _ = timeout(HANG_UP_PATIENCE, session.closed()).await;
        }
    }

    fn signal_session(&self, session: &Session, signal: Signal) {
        if !self.processes.is_live(session.pid) {
            return;
        }
        for member in session_members(&snapshot(), session.pid) {
            let _ = kill_process(member.pid, signal);
        }
        // The shell itself may not have made its session yet.
        self.processes.signal(session.pid, signal);
    }
}

/// Keeps every terminal that is open or a task's, and the latest of the others.
fn forget_old(sessions: &mut Vec<Arc<Session>>) {
    let is_closed = |session: &Arc<Session>| !session.is_task && session.exit_code().is_some();
    let closed = sessions.iter().filter(|session| is_closed(session)).count();
    let mut surplus = closed.saturating_sub(MAX_CLOSED);
    sessions.retain(|session| {
        let drop = surplus > 0 && is_closed(session);
        surplus -= usize::from(drop);
        !drop
    });
}

/// Moves output into the ring until the shell ended and what it wrote is read.
async fn pump(
    session: Arc<Session>,
    mut exit: watch::Receiver<Option<Exit>>,
    mut filter: Option<Box<dyn Filter>>,
) {
    let mut buffer = vec![0; 16 * 1024];
    let mut keep = |data: &[u8]| match filter.as_mut() {
        Some(filter) => session.push(&filter.pass(data)),
        None => session.push(data),
    };
    let code = loop {
        tokio::select! {
            count = session.master().read(&mut buffer) => match count {
                Ok(count @ 1..) => keep(&buffer[..count]),
                Ok(0) | Err(_) => break wait(&mut exit).await,
            },
            code = wait(&mut exit) => break code,
        }
    };
    // Background processes may hold the terminal open for ever: only what is there already is still read.
    for _ in 0..64 {
        let Some(count) = session.master().read_now(&mut buffer) else {
            break;
        };
        keep(&buffer[..count]);
    }
    if let Some(filter) = filter.as_mut() {
        let rest = filter.rest();
        session.push(&rest);
    }
    session.close(code.code());
}

/// 128 random bits, in hexadecimal.
pub(crate) fn random_name() -> io::Result<String> {
    let mut bytes = [0; 16];
    let mut filled = 0;
    while filled < bytes.len() {
        filled +=
            rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty())?;
    }
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}
