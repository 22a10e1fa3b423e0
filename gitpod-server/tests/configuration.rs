//! What configures a workspace: over memory, with repositories of every kind.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use gitpod_content::memory::{MemoryRepositories, MemoryRepository};
use gitpod_core::access::Principal;
use gitpod_core::context::{Hosts, Platform as GitPlatform};
use gitpod_core::image::ImageRef;
use gitpod_core::store::{Role, User};
use gitpod_core::workspace::NewWorkspace;
use gitpod_core::{Error, ErrorKind, OrganizationId, Result, Timestamp, UserId};
use gitpod_server::{CreateWorkspace, Platform};

const URL: &str = "https://git.example/o/app";
const DEVCONTAINER: &str = r#"{
    "name": "App",
    "containerEnv": { "COLOR": "blue", "HERE": "${containerWorkspaceFolder}" },
    "forwardPorts": [3000],
    "portsAttributes": { "3000": { "label": "Web" } },
    "onCreateCommand": "echo create",
    "postCreateCommand": ["echo", "once"],
    "postStartCommand": "echo start",
    "initializeCommand": "id > /tmp/pwned",
    "remoteUser": "node"
}"#;

fn by() -> Principal {
    let (id, organization) = (UserId::random(), OrganizationId::random());
    let now = Timestamp::UNIX_EPOCH;
    Principal::User(User::new(id, organization, "Ada", Role::Member, now))
}

fn platform(files: &[(&str, &str)]) -> Platform {
    let repository = files
        .iter()
        .fold(MemoryRepository::new(), |repository, (path, content)| {
            repository.with_file(*path, *content)
        });
    let repositories = MemoryRepositories::new().with_repository(URL, repository);
    Platform::in_memory_builder()
        .resolver(Arc::new(repositories))
        .build()
        .unwrap()
}

async fn spec(files: &[(&str, &str)]) -> Result<NewWorkspace> {
    let parsed = platform(files).parse_context(&by(), URL).await?;
    Ok(parsed.spec)
}

#[tokio::test]
async fn a_devcontainer_configures_a_repository_without_another_file() {
    let path = ".devcontainer/devcontainer.json";
    let spec = spec(&[(path, DEVCONTAINER)]).await.unwrap();
    assert!(
        spec.configured_by.starts_with(path),
        "{}",
        spec.configured_by
    );
    assert_eq!(spec.image, ImageRef::Host);
    let variable = |name: &str| {
        let found = spec.env.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(variable("COLOR"), Some("blue"));
    assert_eq!(variable("HERE"), Some("/workspace/app"));
    assert_eq!(spec.ports[0].start, 3000);
    assert_eq!(spec.ports[0].name.as_deref(), Some("Web"));

    let fresh = &spec.fresh_tasks[0].command;
    let places = ["echo create", "command echo once", "echo start"].map(|text| {
        let place = fresh.find(text);
        place.unwrap_or_else(|| panic!("no {text}: {fresh}"))
    });
    assert!(places.is_sorted(), "{fresh}");
    let restart = &spec.restart_tasks[0].command;
    assert!(restart.contains("echo start") && !restart.contains("once"));

    for (property, kind) in [("initializeCommand", "refused"), ("remoteUser", "adapted")] {
        let told = |remark: &&String| remark.contains(property) && remark.contains(kind);
        let remark = spec.remarks.iter().find(told);
        let remark = remark.unwrap_or_else(|| panic!("{property}: {:?}", spec.remarks));
        assert!(
            remark.starts_with(path) && remark.contains("line "),
            "{remark}"
        );
    }
    assert!(!format!("{:?}", spec.fresh_tasks).contains("pwned"));
}

#[tokio::test]
async fn which_file_counts_is_said() {
    let yml = "image: host\nenv:\n  FROM: yml\n";
    let json = r#"{ "containerEnv": { "FROM": "json" } }"#;
    let folders = [
        (".devcontainer/web/devcontainer.json", json),
        (".devcontainer/api/devcontainer.json", json),
    ];
    let usual = (".devcontainer.json", json);
    for (files, from, said) in [
        (
            vec![(".gitpod.yml", yml), usual],
            "yml",
            ".gitpod.yml comes before .devcontainer.json",
        ),
        (
            vec![(".gitpod.yml", "\n"), usual],
            "json",
            ".gitpod.yml says nothing",
        ),
        (vec![usual, folders[0]], "json", "usual places"),
        (folders.to_vec(), "json", "first by name"),
    ] {
        let spec = spec(&files).await.unwrap();
        assert_eq!(
            spec.env,
            [(String::from("FROM"), String::from(from))],
            "{said}"
        );
        assert!(spec.configured_by.contains(said), "{}", spec.configured_by);
    }
    let spec = spec(&folders).await.unwrap();
    assert!(
        spec.configured_by.contains("/api/"),
        "{}",
        spec.configured_by
    );
    let others = "not read: .devcontainer/web/devcontainer.json";
    assert!(spec.remarks.iter().any(|remark| remark == others));
}

fn refused(result: Result<NewWorkspace>, line: &str) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
    assert!(
        error.context().any(|place| place == ("line", line)),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("--default-config"));
    error
}

#[tokio::test]
async fn a_broken_file_is_refused_with_its_place_and_can_be_left_out() {
    let path = ".devcontainer/devcontainer.json";
    let files = [(path, "{\n  \"image\": 7,\n}")];
    let error = refused(spec(&files).await, "2");
    assert!(error.to_string().contains(path), "{error}");
    assert!(
        error
            .context()
            .any(|(key, column)| key == "column" && column != "0")
    );
    // Beside a .gitpod.yml that counts it does not matter.
    let fine = (".gitpod.yml", "image: host\n");
    assert!(spec(&[fine, files[0]]).await.is_ok());
    // A wrong .gitpod.yml is not passed over for the other file.
    refused(
        spec(&[(".gitpod.yml", "tasks: 7\n"), (path, "{}")]).await,
        "1",
    );

    let mut request = CreateWorkspace::new(URL);
    request.default_configuration = true;
    let workspace = platform(&files).create(&by(), request).await.unwrap();
    let said = &workspace.spec.configured_by;
    assert!(
        said.contains("default") && said.contains("left out"),
        "{said}"
    );
    assert_eq!(workspace.spec.image, ImageRef::Host);
}

#[tokio::test]
async fn a_dockerfile_is_refused_with_a_way_out() {
    let json = r#"{ "build": { "dockerfile": "Dockerfile" } }"#;
    let error = spec(&[(".devcontainer/devcontainer.json", json)])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let file = ("file", ".devcontainer/Dockerfile");
    assert!(error.context().any(|pair| pair == file), "{error:?}");
    assert!(error.hint().unwrap().contains("--default-config"));
}

#[tokio::test]
async fn without_a_configuration_other_files_tell() {
    let package = r#"{ "scripts": { "build": "tsc", "start": "node ." } }"#;
    let files = [
        ("package.json", package),
        ("package-lock.json", "{}"),
        ("a", "b"),
    ];
    let inferred = spec(&files).await.unwrap();
    let said = &inferred.configured_by;
    assert!(
        said.starts_with("no configuration, inferred from "),
        "{said}"
    );
    assert!(said.contains("package.json"), "{said}");
    let fresh = &inferred.fresh_tasks[0].command;
    assert!(fresh.contains("npm"), "{fresh}");
    assert!(
        inferred.remarks.iter().any(|remark| remark.contains("npm")),
        "{:?}",
        inferred.remarks
    );

    let nothing = spec(&[("README.md", "hello")]).await.unwrap();
    assert_eq!(
        nothing.configured_by,
        "no configuration, the platform's default"
    );
    assert!(nothing.remarks.is_empty());
    assert_eq!(nothing.fresh_tasks[0].command, "");

    // Whoever has a configuration means it, even if it says little.
    let own = spec(&[files.as_slice(), &[(".gitpod.yml", "image: host\n")]].concat())
        .await
        .unwrap();
    assert_eq!(own.fresh_tasks[0].command, "");
}

#[tokio::test]
async fn what_is_not_done_is_remarked() {
    let yml = "additionalRepositories:\n  - url: https://git.example/o/other\nvscode:\n  extensions: [a.b]\n";
    let spec = spec(&[(".gitpod.yml", yml)]).await.unwrap();
    for what in ["additionalRepositories", "extensions"] {
        assert!(
            spec.remarks.iter().any(|r| r.contains(what)),
            "{what}: {:?}",
            spec.remarks
        );
    }
}

#[tokio::test]
async fn variables_that_no_workspace_gets_are_told() {
    let yml = "env:\n  GITPOD_HOST: evil\n  FINE: yes\n";
    let spec = spec(&[(".gitpod.yml", yml)]).await.unwrap();
    let told = |warning: &String| warning.contains("GITPOD_HOST") && warning.contains("ignored");
    assert!(spec.warnings.iter().any(told), "{:?}", spec.warnings);
}

#[tokio::test]
async fn pages_of_a_self_hosted_platform_are_understood() {
    let base = "https://git.example/gitlab";
    let clone_url = format!("{base}/group/app.git");
    let repository = MemoryRepository::new().with_branch("dev");
    let repositories = MemoryRepositories::new().with_repository(&clone_url, repository);
    let hosts = Hosts::new().with(GitPlatform::Gitlab, base).unwrap();
    let platform = Platform::in_memory_builder()
        .resolver(Arc::new(repositories))
        .hosts(hosts)
        .build()
        .unwrap();
    let page = format!("{base}/group/app/-/tree/dev");
    let parsed = platform.parse_context(&by(), &page).await.unwrap();
    let context = parsed.spec.context;
    assert_eq!(
        (context.owner.as_str(), context.name.as_str()),
        ("group", "app")
    );
    assert_eq!(
        (context.clone_url, context.reference),
        (clone_url, String::from("dev"))
    );
}
