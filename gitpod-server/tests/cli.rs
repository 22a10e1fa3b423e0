//! The command line, as a process, against a real listener.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gitpod_core::image::{ImageRef, ResolvedImage};
use gitpod_core::proto::supervisor::exec_service_server::ExecServiceServer;
use gitpod_core::store::{Role, TokenKind, User};
use gitpod_core::{Error, OrganizationId, UserId};
use gitpod_image::ImageStore;
use gitpod_server::api::router;
use gitpod_server::auth::{Authenticator, issue};
use gitpod_server::platform::{DEMO_REPOSITORY, PlatformBuilder};
use gitpod_server::{Platform, Running};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use url::Url;

#[path = "cli/configuration.rs"]
mod configuration;
#[path = "cli/local_exec.rs"]
mod local_exec;
#[path = "cli/ports.rs"]
mod ports;
#[path = "cli/secure.rs"]
mod secure;

use local_exec::LocalExec;

const LIMIT: Duration = Duration::from_mins(1);

struct World {
    url: String,
    token: String,
    home: tempfile::TempDir,
    _running: Running,
}

struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.stdout))
    }
}

impl World {
    async fn new() -> Self {
        Self::with(Platform::in_memory_builder()).await
    }

    async fn with(builder: PlatformBuilder) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        Self::at(builder, listener, url).await
    }

    /// Behind `listener`, and reached at `url`.
    async fn at(builder: PlatformBuilder, listener: tokio::net::TcpListener, url: String) -> Self {
        let platform = builder
            .public_url(Url::parse(&url).unwrap())
            .build()
            .unwrap();
        let running = platform.spawn();
        let identities = Arc::clone(platform.identities());
        let now = platform.clock().now();
        let user = User::new(
            UserId::random(),
            OrganizationId::random(),
            "ada",
            Role::Admin,
            now,
        );
        identities.put_user(&user).await.unwrap();
        let token = issue(&*identities, user.id, TokenKind::Personal, "t", now, None)
            .await
            .unwrap()
            .expose()
            .clone();
        let authenticator = Authenticator::new(identities, Arc::clone(platform.clock()));
        let exec = ExecServiceServer::new(LocalExec(platform.clone()));
        let router =
            router(platform, authenticator).route_service("/supervisor.ExecService/{method}", exec);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            token,
            home: tempfile::tempdir().unwrap(),
            _running: running,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitpod"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("GITPOD_HOST", &self.url)
            .env("GITPOD_TOKEN", &self.token)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        end(self.command(arguments)).await
    }

    async fn create(&self) -> String {
        let created = self
            .run(&["workspace", "create", DEMO_REPOSITORY, "--output", "json"])
            .await;
        assert_eq!(created.code, 0, "{}", created.stderr);
        created.json()["id"].as_str().unwrap().to_owned()
    }
}

async fn end(mut command: Command) -> Ended {
    let output = tokio::time::timeout(LIMIT, command.output())
        .await
        .unwrap()
        .unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn a_workspace_lives() {
    let world = World::new().await;
    let created = world
        .run(&[
            "workspace",
            "create",
            DEMO_REPOSITORY,
            "--editor",
            "terminal",
            "-o",
            "json",
        ])
        .await;
    assert_eq!(created.code, 0, "{}", created.stderr);
    let workspace = created.json();
    assert_eq!(workspace["status"]["phase"]["name"], "PHASE_RUNNING");
    assert_eq!(
        workspace["status"]["instanceId"].as_str().unwrap().len(),
        36
    );
    assert_eq!(workspace["status"]["editor"]["id"], "terminal");
    let steps = created
        .stderr
        .lines()
        .filter(|line| line.contains('✓'))
        .count();
    assert_eq!(steps, 9, "each step is shown: {}", created.stderr);
    let id = workspace["id"].as_str().unwrap();

    let listed = world
        .run(&["workspace", "list", "--output", "json"])
        .await
        .json();
    assert_eq!(listed["workspaces"][0]["id"], id);
    let table = world.run(&["workspace", "list"]).await.stdout;
    assert!(
        table.starts_with("ID") && table.contains(id) && table.contains("running"),
        "{table}"
    );
    let shown = world.run(&["workspace", "get", id]).await.stdout;
    assert!(shown.contains(DEMO_REPOSITORY), "{shown}");
    let opened = world.run(&["workspace", "open", id]).await.stdout;
    assert_eq!(opened.trim(), format!("{}/open/{id}", world.url));
    let stopped = world.run(&["workspace", "stop", id, "-o", "json"]).await;
    assert_eq!(stopped.json()["status"]["phase"]["name"], "PHASE_STOPPED");
    let started = world.run(&["workspace", "start", id, "-o", "json"]).await;
    assert_eq!(started.code, 0, "{}", started.stderr);
    assert_eq!(started.json()["status"]["phase"]["name"], "PHASE_RUNNING");
    assert_ne!(
        started.json()["status"]["instanceId"],
        workspace["status"]["instanceId"]
    );
    let unsure = world.run(&["workspace", "delete", id]).await;
    assert_eq!(unsure.code, 2, "nobody confirmed: {}", unsure.stderr);
    assert_eq!(
        world.run(&["workspace", "delete", id, "--yes"]).await.code,
        0
    );
}

#[tokio::test]
async fn no_wait_returns_at_once_with_the_id() {
    let world = World::new().await;
    let created = world
        .run(&[
            "workspace",
            "create",
            DEMO_REPOSITORY,
            "--no-wait",
            "--name",
            "mine",
            "-o",
            "json",
        ])
        .await;
    assert_eq!(created.code, 0, "{}", created.stderr);
    assert_eq!(created.json()["metadata"]["name"], "mine");
    assert!(!created.stderr.contains('✓'));
}

#[tokio::test]
async fn exit_codes_are_those_of_the_manual() {
    let world = World::new().await;
    let unknown = "amber-falcon-k3v9x2ab";
    let cases: [(&[&str], i32, &str); 9] = [
        (&["workspace", "get", unknown], 3, "no such workspace"),
        (&["workspace", "get", "nonsense"], 2, "not a workspace id"),
        (&["workspace", "create", "not a url"], 2, ""),
        (
            &["workspace", "create", "https://git.example/no/such"],
            1,
            "no such repository",
        ),
        (
            &["workspace", "create", DEMO_REPOSITORY, "--class", "huge"],
            2,
            "g1-standard",
        ),
        (&["workspace", "frobnicate"], 2, "unrecognized"),
        (&["workspace", "exec", unknown], 2, "required"),
        (&["workspace", "list", "--token", "wrong"], 4, "token"),
        (
            &["workspace", "list", "--host", "http://localhost:1"],
            5,
            "",
        ),
    ];
    for (arguments, code, text) in cases {
        let ended = world.run(arguments).await;
        assert_eq!(ended.code, code, "{arguments:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains(text),
            "{arguments:?}: {}",
            ended.stderr
        );
        assert!(ended.stdout.is_empty(), "{arguments:?}: {}", ended.stdout);
    }
    let mut anonymous = world.command(&["workspace", "list"]);
    anonymous.env_remove("GITPOD_TOKEN");
    let anonymous = end(anonymous).await;
    assert_eq!(anonymous.code, 4);
    assert!(
        anonymous.stderr.contains("gitpod login"),
        "{}",
        anonymous.stderr
    );
}

#[derive(Debug)]
struct NoImages;

#[async_trait]
impl ImageStore for NoImages {
    async fn ensure(&self, _: &ImageRef) -> gitpod_core::Result<ResolvedImage> {
        Err(Error::not_found("there is no such image").with_hint("name another image"))
    }
}

#[tokio::test]
async fn a_start_that_fails_says_why_and_what_to_do() {
    let world = World::with(Platform::in_memory_builder().images(Arc::new(NoImages))).await;
    let created = world
        .run(&["workspace", "create", DEMO_REPOSITORY, "-o", "json"])
        .await;
    assert_eq!(created.code, 5, "{}", created.stderr);
    assert!(
        created.stderr.contains("there is no such image"),
        "{}",
        created.stderr
    );
    assert!(
        created.stderr.contains("name another image"),
        "{}",
        created.stderr
    );
    assert!(created.stderr.contains('✗'), "{}", created.stderr);
    let status = &created.json()["status"];
    assert_eq!(status["phase"]["name"], "PHASE_STOPPED");
    assert_eq!(status["failureCode"], "image_unavailable");
    assert_eq!(
        status["conditions"]["failedReason"],
        "FAILED_REASON_IMAGE_PULL_FAILURE"
    );
}

#[tokio::test]
async fn exec_passes_input_output_and_exit_code() {
    let world = World::new().await;
    let id = world.create().await;
    let mut command = world.command(&[
        "workspace",
        "exec",
        &id,
        "-e",
        "GREETING=hello",
        "--",
        "sh",
        "-c",
        "echo $GREETING; cat; echo problem >&2; exit 7",
    ]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let big = vec![b'x'; 300_000];
    let input = big.clone();
    tokio::spawn(async move { stdin.write_all(&input).await });
    let output = tokio::time::timeout(LIMIT, child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(output.stdout.len(), "hello\n".len() + big.len());
    assert!(output.stdout.starts_with(b"hello\nxxx"));
    assert_eq!(output.stderr, b"problem\n");
    let missing = world
        .run(&["workspace", "exec", &id, "--", "no-such-command"])
        .await;
    assert_eq!(missing.code, 127, "as in a shell: {}", missing.stderr);
}

#[tokio::test]
async fn exec_passes_signals() {
    let world = World::new().await;
    let id = world.create().await;
    let script = "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.02; done";
    let mut command = world.command(&["workspace", "exec", &id, "--", "sh", "-c", script]);
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut ready = [0; 6];
    tokio::time::timeout(LIMIT, stdout.read_exact(&mut ready))
        .await
        .unwrap()
        .unwrap();
    let pid = rustix::process::Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let mut rest = String::new();
    tokio::time::timeout(LIMIT, stdout.read_to_string(&mut rest))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rest, "caught\n");
    assert_eq!(child.wait().await.unwrap().code(), Some(9));
}

#[tokio::test]
async fn a_login_is_kept_and_forgotten() {
    let world = World::new().await;
    let file = world.home.path().join("admin-token");
    std::fs::write(&file, format!("{}\n", world.token)).unwrap();
    let file = file.to_str().unwrap();
    let without = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env_remove("GITPOD_TOKEN").env_remove("GITPOD_HOST");
        end(command)
    };
    let wrong = without(&["login", "--host", &world.url, "--token", "gitpod_pat_x"]).await;
    assert_eq!(wrong.code, 4, "{}", wrong.stderr);
    let login = without(&["login", "--host", &world.url, "--token-file", file]).await;
    assert_eq!(login.code, 0, "{}", login.stderr);
    let whoami = without(&["whoami", "-o", "json"]).await;
    assert_eq!(whoami.json()["name"], "ada");
    assert_eq!(without(&["logout"]).await.code, 0);
    assert_eq!(without(&["whoami", "--host", &world.url]).await.code, 4);
}

fn offline(arguments: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitpod"));
    command.args(arguments).env_clear().current_dir(dir);
    command
}

#[tokio::test]
async fn a_configuration_is_judged_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let write = |text| std::fs::write(dir.path().join("a.yml"), text).unwrap();
    let lenient = ["config", "parse", "a.yml"];
    let strict = ["config", "parse", "a.yml", "--strict"];
    write("tasks:\n  - init: make\nports:\n  - port: 8080\n");
    let good = end(offline(&strict, dir.path())).await;
    assert_eq!(good.code, 0, "{}", good.stderr);
    assert_eq!(good.json()["tasks"][0]["init"], "make");
    write("tasks:\n  - init: make\n    comand: x\n");
    let warned = end(offline(&lenient, dir.path())).await;
    assert_eq!(warned.code, 0);
    assert!(
        warned.stderr.contains("a.yml: warning: line 3, column 5"),
        "{}",
        warned.stderr
    );
    let rejected = end(offline(&strict, dir.path())).await;
    assert_eq!(rejected.code, 1);
    assert!(rejected.stdout.is_empty());
    write("tasks: [");
    assert_eq!(end(offline(&lenient, dir.path())).await.code, 1);
    let missing = end(offline(&["config", "parse", "b.yml"], dir.path())).await;
    assert_eq!(missing.code, 3);
}

#[tokio::test]
async fn a_devcontainer_is_known_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("repo/.devcontainer");
    std::fs::create_dir_all(&place).unwrap();
    let file = place.join("devcontainer.json");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    let parse = |more: &[&'static str]| {
        let mut arguments = vec!["config", "parse", file.to_str().unwrap()];
        arguments.extend(more);
        end(offline(&arguments, dir.path()))
    };
    let text = "{\n  // tools\n  \"build\": {\"dockerfile\": \"../Dockerfile\"},\n  \"privileged\": true,\n}\n";
    write(text);
    let good = parse(&["--strict"]).await;
    assert_eq!(good.code, 0, "{}", good.stderr);
    let expected =
        serde_json::json!({"build": {"dockerfile": "../Dockerfile"}, "privileged": true});
    assert_eq!(good.json(), expected);
    let note = "devcontainer.json: note: line 4, column 3: `privileged` is refused";
    assert!(good.stderr.contains(note), "{}", good.stderr);
    assert_eq!(good.stderr.lines().count(), 1, "{}", good.stderr);
    write("{\"imag\": \"debian\"}");
    let warned = parse(&[]).await;
    assert_eq!(warned.code, 0);
    let warning = "warning: line 1, column 2: `imag`: unknown property at the top level (did you mean `image`?)";
    assert!(warned.stderr.contains(warning), "{}", warned.stderr);
    assert_eq!(parse(&["--strict"]).await.code, 1);
    write("{\"image\": 5}");
    let rejected = parse(&[]).await;
    assert_eq!((rejected.code, rejected.stdout.as_str()), (1, ""));
}

#[tokio::test]
async fn a_url_is_explained_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let url = "https://github.com/o/r/tree/feature/login";
    let parsed = end(offline(&["context", "parse", url], dir.path())).await;
    assert_eq!(parsed.code, 0, "{}", parsed.stderr);
    let meaning = parsed.json();
    assert_eq!(meaning["cloneUrl"], "https://github.com/o/r.git");
    assert_eq!(meaning["owner"], "o");
    assert_eq!(meaning["reference"]["candidates"][0], "feature/login");
    assert_eq!(meaning["platform"], "github");
    assert_eq!(meaning["url"], url);
    let url = "https://git.example/lab/g/s/r/-/blob/main/a.rs";
    let host = "gitlab=https://git.example/lab";
    let own = ["context", "parse", url, "--platform", host];
    let meaning = end(offline(&own, dir.path())).await.json();
    assert_eq!(meaning["owner"], "g/s");
    assert_eq!(meaning["cloneUrl"], "https://git.example/lab/g/s/r.git");
    let bad = end(offline(&["context", "parse", "not a url"], dir.path())).await;
    assert_eq!(bad.code, 2);
}
