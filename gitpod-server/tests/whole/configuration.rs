//! Repositories that are configured by another file than a `.gitpod.yml`, or by none.

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

const DEVCONTAINER: &str = r#"{
    // What a person would write.
    "image": "host",
    "containerEnv": { "COLOR": "blue" },
    "remoteEnv": { "PLACE": "${containerEnv:COLOR}/${containerWorkspaceFolderBasename}" },
    "forwardPorts": [3123],
    "onCreateCommand": "echo create >> log",
    "updateContentCommand": ["sh", "-c", "echo update >> log"],
    "postCreateCommand": { "one": "echo once >> log" },
    "postStartCommand": "echo start >> log",
    "postAttachCommand": "echo attach:$COLOR >> log",
    "initializeCommand": "touch /initialized",
    "features": { "ghcr.io/devcontainers/features/node:1": {} },
}"#;

pub(crate) fn a_devcontainer_is_enough() {
    let path = ".devcontainer/devcontainer.json";
    let repository = Repository::with(&[(path, DEVCONTAINER)]);
    let installation = Installation::fresh();
    let id = installation.create(&repository.url());
    let read = |file: &str| installation.exec(&id, &["cat", file]);
    let lines = "create\nupdate\nonce\nstart\nattach:blue\n";
    until("the commands ran, in their order", || {
        let log = installation.gitpod(&["workspace", "exec", &id, "--", "cat", "log"]);
        log.stdout == lines.as_bytes()
    });
    assert_eq!(
        installation.exec(&id, &["sh", "-c", "echo $COLOR $PLACE"]),
        "blue blue/app\n"
    );
    let missing = installation.gitpod(&["workspace", "exec", &id, "--", "ls", "/initialized"]);
    assert!(!missing.status.success(), "nothing of it runs anywhere");
    assert!(!std::path::Path::new("/initialized").exists());

    let workspace = installation.json(&["workspace", "get", &id]);
    let metadata = &workspace["metadata"];
    let by = metadata["configuredBy"].as_str().unwrap();
    assert!(
        by.starts_with(path) && by.contains("no .gitpod.yml"),
        "{by}"
    );
    let remarks = metadata["configurationRemarks"].to_string();
    for what in [
        "initializeCommand` is refused",
        "features.ghcr.io",
        "postAttachCommand",
    ] {
        assert!(remarks.contains(what), "{what}: {remarks}");
    }
    let ports = workspace["status"]["ports"].to_string();
    assert!(ports.contains("3123"), "{ports}");
    let said = show(&installation.gitpod(&["workspace", "get", &id]));
    let page = installation.page(&format!("/start/{id}"));
    for shown in [&said, &page] {
        assert!(
            shown.contains(path) && shown.contains("initializeCommand"),
            "{shown}"
        );
    }

    // What runs once does not run again.
    installation.json(&["workspace", "stop", &id]);
    installation.json(&["workspace", "start", &id]);
    until("the commands of a start ran again", || {
        read("log") == format!("{lines}start\nattach:blue\n")
    });
}

pub(crate) fn of_two_files_one_counts_and_is_named() {
    let repository = Repository::with(&[
        (".gitpod.yml", "env:\n  FROM: yml\n"),
        (
            ".devcontainer.json",
            r#"{ "containerEnv": { "FROM": "json" } }"#,
        ),
    ]);
    let installation = Installation::fresh();
    let id = installation.create(&repository.url());
    assert_eq!(installation.exec(&id, &["sh", "-c", "echo $FROM"]), "yml\n");
    let said = show(&installation.gitpod(&["workspace", "get", &id]));
    assert!(
        said.contains(".gitpod.yml comes before .devcontainer.json"),
        "{said}"
    );
}

pub(crate) fn a_broken_devcontainer_names_its_place() {
    let path = ".devcontainer/devcontainer.json";
    let repository = Repository::with(&[(path, "{\n  \"containerEnv\": { \"A\": }\n}\n")]);
    let installation = Installation::fresh();
    let url = repository.url();
    let refused = installation.gitpod(&["workspace", "create", &url, "--editor", "terminal"]);
    assert!(!refused.status.success());
    let said = show(&refused);
    for part in [path, "line 2, column 26", "--default-config"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The way out that it names.
    let create = ["workspace", "create", &url, "--editor", "terminal"];
    let workspace = installation.json(&[&create[..], &["--default-config"]].concat());
    let id = workspace["id"].as_str().unwrap();
    let by = workspace["metadata"]["configuredBy"].as_str().unwrap();
    assert!(by.contains("left out"), "{by}");
    assert_eq!(installation.exec(id, &["cat", path]).lines().count(), 3);
}

pub(crate) fn without_one_other_files_tell() {
    let makefile = "all:\n\techo made > made\n";
    let repository = Repository::with(&[("Makefile", makefile), ("src/x", "y")]);
    let installation = Installation::fresh();
    let id = installation.create(&repository.url());
    until("make ran", || {
        let made = installation.gitpod(&["workspace", "exec", &id, "--", "cat", "made"]);
        made.stdout == b"made\n"
    });
    let page = installation.page(&format!("/start/{id}"));
    assert!(
        page.contains("no configuration, inferred from Makefile"),
        "{page}"
    );
}

pub(crate) fn variables_come_from_file_and_address() {
    let yml = "env:\n  FILE: file\n  BOTH: file\n  GITPOD_IMAGE_AUTH: 'registry.example:dTpw'\n";
    let repository = Repository::with(&[(".gitpod.yml", yml)]);
    let installation = Installation::fresh();
    let id = installation.create(&format!("BOTH=address,LD_PRELOAD=x/{}", repository.url()));
    let script = "echo $FILE $BOTH ${LD_PRELOAD-none} ${GITPOD_IMAGE_AUTH-none}";
    assert_eq!(
        installation.exec(&id, &["sh", "-c", script]),
        "file address none none\n"
    );
    let said = show(&installation.gitpod(&["workspace", "get", &id]));
    assert!(said.contains("LD_PRELOAD"), "{said}");
}

pub(crate) fn variables_of_a_user_reach_their_workspaces() {
    let yml = "env:\n  COLOR: file\n  FILE: file\n";
    let repository = Repository::with(&[(".gitpod.yml", yml)]);
    let installation = Installation::fresh();
    let set = |arguments: &[&str], input: &[u8]| {
        let output = installation.gitpod_with_input(&[&["env", "set"], arguments].concat(), input);
        assert!(output.status.success(), "{}", show(&output));
    };
    set(&["COLOR=wide"], b"");
    set(&["SECRET"], b"hunter2\n");
    set(&["--repository", "*/app", "COLOR=close"], b"");
    set(&["--repository", "other/*", "COLOR=elsewhere"], b"");
    set(&["GITPOD_IMAGE_AUTH=registry.example:dTpw"], b"");
    let reserved = installation.gitpod(&["env", "set", "GITPOD_HOST=evil"]);
    assert!(!reserved.status.success());

    let id = installation.create(&repository.url());
    let script = "echo $FILE $COLOR $SECRET ${GITPOD_IMAGE_AUTH-none}";
    let said = || installation.exec(&id, &["sh", "-c", script]);
    assert_eq!(said(), "file close hunter2 none\n");

    let listed = show(&installation.gitpod(&["env", "list"]));
    assert!(
        listed.contains("SECRET") && !listed.contains("hunter2"),
        "{listed}"
    );
    let shown = installation.json(&["workspace", "get", &id]).to_string();
    assert!(!shown.contains("hunter2"), "{shown}");

    // From the next start on; nothing is frozen into the workspace.
    let unset = installation.gitpod(&["env", "unset", "COLOR", "--repository", "*/app"]);
    assert!(unset.status.success(), "{}", show(&unset));
    set(&["SECRET=changed"], b"");
    assert_eq!(said(), "file close hunter2 none\n");
    installation.json(&["workspace", "stop", &id]);
    installation.json(&["workspace", "start", &id]);
    assert_eq!(said(), "file wide changed none\n");
}
