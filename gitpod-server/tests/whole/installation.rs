//! A server of its own for each test, and the command line that talks to it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use gitpod_server::config::Config;
use serde_json::Value;
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_gitpod-server");
const CLI: &str = env!("CARGO_BIN_EXE_gitpod");
/// Longest wait for anything; a loaded machine with two cores is slow.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A user nobody else is.
pub(crate) const USER: u32 = 47_111;

/// A server in a directory of its own.
pub(crate) struct Installation {
    directory: TempDir,
    data_dir: PathBuf,
    /// The program in a directory of [`USER`], who runs it; otherwise whoever runs the tests does.
    of_user: Option<PathBuf>,
    server: Option<Child>,
    /// Once it listened, it listens there again: hosts of workspaces have the port in them.
    port: u16,
}

impl Installation {
    /// A fresh server on a free port.
    pub(crate) fn fresh() -> Self {
        Self::configured("")
    }

    /// A fresh server, configured so (its directory and address are the test's own).
    pub(crate) fn with(config: &Config) -> Self {
        Self::configured(&toml::to_string(config).unwrap())
    }

    /// A fresh server with this configuration file.
    pub(crate) fn configured(config: &str) -> Self {
        let directory = Self::directory();
        let data_dir = directory.path().join("data");
        Self::make(directory, data_dir, config, None)
    }

    /// A fresh server that keeps its data in `data_dir`.
    pub(crate) fn at(data_dir: &Path, config: &str) -> Self {
        Self::make(Self::directory(), data_dir.to_owned(), config, None)
    }

    fn directory() -> TempDir {
        tempfile::Builder::new()
            .prefix("gitpod-whole-")
            .tempdir()
            .unwrap()
    }

    /// A fresh server that runs as an ordinary user, in a directory of that user's: [`USER`], or whoever runs the tests. With the
    /// installed packages of these editors, such as `terminal`.
    pub(crate) fn of_a_user(editors: &[&str]) -> Self {
        if !is_root() {
            return Self::fresh();
        }
        let directory = Self::directory();
        let root = directory.path();
        // The directories of the build and of the packages may be closed to users.
        let packages = root.join(".cache/gitpod/ide");
        std::fs::create_dir_all(&packages).unwrap();
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let known = home.map(|home| home.join(".cache/gitpod/ide"));
        for package in known.iter().flat_map(std::fs::read_dir).flatten().flatten() {
            let name = package.file_name();
            let is_of = |editor: &&str| {
                let rest = name.to_str().and_then(|name| name.strip_prefix(*editor));
                rest.is_some_and(|rest| rest.starts_with('-'))
            };
            if editors.iter().any(is_of) {
                let package = package.path();
                run(
                    "cp",
                    &["-r".as_ref(), package.as_os_str(), packages.as_os_str()],
                );
            }
        }
        give_to(root, USER);
        let program = root.join("gitpod-server");
        std::fs::hard_link(SERVER, &program)
            .or_else(|_| std::fs::copy(SERVER, &program).map(drop))
            .unwrap();
        let data_dir = root.join("data");
        Self::make(directory, data_dir, "", Some(program))
    }

    fn make(directory: TempDir, data_dir: PathBuf, config: &str, of_user: Option<PathBuf>) -> Self {
        std::fs::write(directory.path().join("config.toml"), config).unwrap();
        let mut installation = Self {
            directory,
            data_dir,
            of_user,
            server: None,
            port: 0,
        };
        installation.start();
        installation
    }

    /// Starts the server in the same directory, where it was.
    pub(crate) fn start(&mut self) {
        let program = self.of_user.as_deref().unwrap_or_else(|| Path::new(SERVER));
        let mut command = Command::new(program);
        if self.of_user.is_some() {
            command
                .uid(USER)
                .gid(USER)
                .env("HOME", self.directory.path())
                .env_remove("XDG_CACHE_HOME")
                .current_dir(self.directory.path());
        }
        let mut child = command
            .args([
                "serve",
                "--listen",
                &format!("127.0.0.1:{}", self.port),
                "--data-dir",
            ])
            .arg(self.data_dir())
            .arg("--config")
            .arg(self.directory.path().join("config.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let address = line
            .split_whitespace()
            .nth(3)
            .unwrap_or_else(|| panic!("the server says {line:?}"));
        self.port = address.rsplit(':').next().unwrap().parse().unwrap();
        self.server = Some(child);
    }

    /// Kills the server, as a crash would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Asks the server to end.
    pub(crate) fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let pid = server.id().to_string();
            assert!(
                Command::new("kill")
                    .args(["-TERM", &pid])
                    .status()
                    .unwrap()
                    .success()
            );
            assert!(server.wait().unwrap().success(), "the server ends in order");
        }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.data_dir.clone()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The administrator's token.
    pub(crate) fn token(&self) -> String {
        std::fs::read_to_string(self.data_dir().join("admin-token"))
            .unwrap()
            .trim()
            .to_owned()
    }

    /// Runs `gitpod`.
    pub(crate) fn gitpod(&self, arguments: &[&str]) -> Output {
        self.gitpod_with_input(arguments, b"")
    }

    /// Runs another command of the server's program, with the server's configuration.
    pub(crate) fn server(&self, arguments: &[&str]) -> Output {
        Command::new(SERVER)
            .args(arguments)
            .arg("--config")
            .arg(self.directory.path().join("config.toml"))
            .output()
            .unwrap()
    }

    /// Starts `gitpod` with pipes.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        Command::new(CLI)
            .args(arguments)
            .env("GITPOD_HOST", format!("http://localhost:{}", self.port))
            .env("GITPOD_TOKEN", self.token())
            .env("HOME", self.directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs `gitpod` with standard input.
    pub(crate) fn gitpod_with_input(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self.spawn(arguments);
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Runs `gitpod … --output json` and reads what it prints.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.gitpod(&[arguments, &["--output", "json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", show(&output));
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{arguments:?}: {e}: {}", show(&output)))
    }

    /// Creates a workspace with the terminal editor and waits until it runs; gives its id.
    pub(crate) fn create(&self, url: &str) -> String {
        self.create_with(url, "terminal")
    }

    /// The same with another editor.
    pub(crate) fn create_with(&self, url: &str, editor: &str) -> String {
        let workspace = self.json(&["workspace", "create", url, "--editor", editor]);
        assert_eq!(
            workspace["status"]["phase"]["name"], "PHASE_RUNNING",
            "{workspace:#}"
        );
        workspace["id"].as_str().unwrap().to_owned()
    }

    /// The workspace's status.
    pub(crate) fn status(&self, id: &str) -> Value {
        self.json(&["workspace", "get", id])["status"].take()
    }

    /// A page of the dashboard, as its owner sees it.
    pub(crate) fn page(&self, path: &str) -> String {
        let bearer = format!("Bearer {}", self.token());
        let (status, body) = self.http("localhost", path, &[("authorization", &bearer)]);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Runs a command in a workspace and gives what it printed; it has to succeed.
    pub(crate) fn exec(&self, id: &str, command: &[&str]) -> String {
        let output = self.gitpod(&[&["workspace", "exec", id, "--"], command].concat());
        assert!(output.status.success(), "{command:?}: {}", show(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn phase(&self, id: &str) -> String {
        self.json(&["workspace", "get", id])["status"]["phase"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The secret that opens a workspace, as the public API says it.
    pub(crate) fn owner_token(&self, id: &str) -> String {
        let url = format!(
            "http://localhost:{}/gitpod.v1.WorkspaceService/GetWorkspaceOwnerToken",
            self.port
        );
        let output = Command::new("curl")
            .args(["-sS", "-X", "POST", "-H", "content-type: application/json"])
            .args(["-H", &format!("authorization: Bearer {}", self.token())])
            .args(["-d", &format!("{{\"workspaceId\":\"{id}\"}}"), &url])
            .output()
            .unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", show(&output)));
        answer["ownerToken"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// Sends one HTTP request to a host of this server; gives status and body.
    pub(crate) fn http(&self, host: &str, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut extra = String::new();
        for (name, value) in headers {
            extra.extend([name, ": ", value, "\r\n"]);
        }
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n{extra}\r\n",
            self.port
        )
        .unwrap();
        let mut answer = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer
            .split_whitespace()
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or_default();
        let body = answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default();
        (status, body)
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        // A failed test leaves workspaces; the next run must not meet them.
        if self.server.is_none() && self.data_dir().exists() && self.port != 0 {
            self.start();
        }
        let listed = self.gitpod(&["workspace", "list", "--output", "json"]);
        if let Ok(listed) = serde_json::from_slice::<Value>(&listed.stdout) {
            for id in listed["workspaces"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|workspace| workspace["id"].as_str())
            {
                self.gitpod(&["workspace", "stop", id]);
            }
        }
        // In good order, so that it lets go of the disks it keeps ready.
        if let Some(mut server) = self.server.take() {
            let _ = Command::new("kill").arg(server.id().to_string()).status();
            let _ = server.wait();
        }
    }
}

/// Asks `probe` until it says yes.
pub(crate) fn until(what: &str, mut probe: impl FnMut() -> bool) {
    #[expect(clippy::disallowed_methods, reason = "a deadline of a test")]
    let start = std::time::Instant::now();
    while !probe() {
        assert!(start.elapsed() < PATIENCE, "it did not happen: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Makes a directory, and all that is in it, a user's, if that takes doing.
pub(crate) fn give_to(directory: &Path, user: u32) {
    if !is_root() {
        return;
    }
    let owner = format!("{user}:{user}");
    run(
        "chown",
        &["-R".as_ref(), owner.as_ref(), directory.as_os_str()],
    );
}

fn run(program: &str, arguments: &[&OsStr]) {
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{program} {arguments:?}");
}

pub(crate) fn show(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}\nstdout: {}\nstderr: {}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// `file://` URL of a directory.
pub(crate) fn file_url(path: &Path) -> String {
    format!("file://{}", path.display())
}
