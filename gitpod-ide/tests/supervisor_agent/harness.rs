//! Starts a supervisor in a directory of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use gitpod_core::task::TaskSpec;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tonic::transport::{Channel, Endpoint};

/// Patience with everything that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Of the user that tests run programs as, when they run as root.
const USER: u32 = 33333;

/// A supervisor that will be started.
pub(crate) struct Setup {
    pub(crate) dir: TempDir,
    env: Vec<(String, String)>,
}

/// A supervisor that runs. Dropping it ends it.
pub(crate) struct Agent {
    pub(crate) dir: TempDir,
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Setup {
    /// A directory with a repository, a home and everything else the supervisor writes to.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["etc", "repo"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        give(&dir.path().join("repo"));
        let mut setup = Self {
            dir,
            env: Vec::new(),
        };
        for (name, file) in [
            ("SUPERVISOR_ETC", "etc"),
            ("SUPERVISOR_USER_HOME", "home"),
            ("SUPERVISOR_RUN_DIR", "run"),
            ("SUPERVISOR_LOGS_DIR", "logs"),
            ("SUPERVISOR_IDE_CONFIG", "editor.json"),
            ("GITPOD_REPO_ROOT", "repo"),
        ] {
            let path = setup.path(file).to_string_lossy().into_owned();
            setup = setup.env(name, &path);
        }
        setup
            .env("SUPERVISOR_API_PORT", "0")
            .env("PATH", &std::env::var("PATH").unwrap())
            .env("GITPOD_WORKSPACE_URL", "http://a.ws.localhost:4000/")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn tasks(self, tasks: &[TaskSpec]) -> Self {
        let tasks = serde_json::to_string(tasks).unwrap();
        self.env("GITPOD_TASKS", &tasks)
    }

    pub(crate) fn editor(self, config: &serde_json::Value) -> Self {
        fs::write(self.path("editor.json"), config.to_string()).unwrap();
        self
    }

    pub(crate) fn start(self) -> Agent {
        // Free a moment ago; the editor's port cannot be chosen by the editor.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let editor_port = free.local_addr().unwrap().port();
        drop(free);
        let mut child = Command::new(env!("CARGO_BIN_EXE_supervisor"))
            .arg("init")
            .env_clear()
            .envs(self.env)
            .env("SUPERVISOR_IDE_PORT", editor_port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let address = address(BufReader::new(child.stderr.take().unwrap()));
        Agent {
            dir: self.dir,
            address,
            child,
        }
    }
}

/// The address that the supervisor's log tells; the rest of the log goes to ours.
#[expect(
    clippy::print_stderr,
    reason = "a failed test shows what the supervisor said"
)]
fn address(log: impl BufRead + Send + 'static) -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in log.lines().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("listening on ") {
                let _ = sender.send(address.parse().unwrap());
            }
            eprintln!("{line}");
        }
    });
    receiver.recv_timeout(PATIENCE).unwrap()
}

/// Makes `path` the user's.
pub(crate) fn give(path: &Path) {
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(USER), Some(USER)).unwrap();
    }
}

impl Agent {
    pub(crate) fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
        endpoint.connect_lazy()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Tells it to stop and waits until it has.
    pub(crate) async fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the supervisor does not stop");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Processes whose environment tells that they belong to this supervisor.
    pub(crate) fn processes(&self) -> Vec<i32> {
        let mark = format!("GITPOD_REPO_ROOT={}\0", self.path("repo").display());
        let pids = fs::read_dir("/proc").unwrap().flatten();
        pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid: &i32| {
                let env = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
                String::from_utf8_lossy(&env).contains(&mark)
            })
            .collect()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for pid in self.processes() {
            let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
        }
    }
}

/// Waits until `found` finds something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut found: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}
