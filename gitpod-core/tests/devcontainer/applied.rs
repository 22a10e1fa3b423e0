//! What a file comes to: image, environment, ports, places, editors.

use gitpod_core::class::{Resources, WorkspaceClass};
use gitpod_core::devcontainer::Surroundings;
use gitpod_core::gitpod_yml::{Image, Situation};
use gitpod_core::port::{OnOpen, PortSpec, Protocol, Visibility};

use super::{apply, file, surroundings};

fn dockerfile(file: &str, context: &str) -> Image {
    Image::Dockerfile {
        file: file.to_owned(),
        context: Some(context.to_owned()),
    }
}

#[test]
fn the_image_is_named_or_built_from_paths_of_the_repository() {
    let named = |name: &str| Some(Image::Reference(name.to_owned()));
    let built = |file, context| Some(dockerfile(file, context));
    for (text, expected) in [
        (r#"{"image": " debian:12 "}"#, named("debian:12")),
        (
            r#"{"image": "debian:${localEnv:TAG:12}"}"#,
            named("debian:12"),
        ),
        (r#"{"image": "base:${templateOption:variant}"}"#, None),
        (r#"{"image": ""}"#, None),
        (
            r#"{"build": {"dockerfile": "./Dockerfile"}}"#,
            built(".devcontainer/Dockerfile", ".devcontainer"),
        ),
        (
            r#"{"build": {"dockerfile": "../docker/dev", "context": ".."}}"#,
            built("docker/dev", "."),
        ),
        (
            r#"{"dockerFile": "Dockerfile", "context": "../src"}"#,
            built(".devcontainer/Dockerfile", "src"),
        ),
        (
            r#"{"build": {"dockerfile": "${localWorkspaceFolder}/Dockerfile", "context": "../.."}}"#,
            built("Dockerfile", ".devcontainer"),
        ),
        (r#"{"build": {"dockerfile": "../../Dockerfile"}}"#, None),
        (r#"{"build": {"dockerfile": "/etc/passwd"}}"#, None),
        (
            r#"{"build": {"dockerfile": "/workspace/application/Dockerfile"}}"#,
            None,
        ),
        (
            r#"{"image": "a", "build": {"dockerfile": "Dockerfile"}}"#,
            built(".devcontainer/Dockerfile", ".devcontainer"),
        ),
        (
            r#"{"image": "a", "dockerComposeFile": "c.yml", "service": "s"}"#,
            None,
        ),
        (r#"{"postCreateCommand": "make"}"#, None),
    ] {
        assert_eq!(apply(text).config.image, expected, "{text}");
    }
    let root = file(r#"{"build": {"dockerfile": "Dockerfile"}}"#);
    let root = root.apply(&Surroundings::new(".devcontainer.json", "app", "w1"));
    assert_eq!(root.config.image, built("Dockerfile", "."));
}

#[test]
fn variables_stand_for_what_is_known_here() {
    let mut surroundings = surroundings();
    surroundings
        .local_env
        .insert("HOME".into(), "/home/me".into());
    surroundings
        .container_env
        .insert("PATH".into(), "/bin".into());
    let file = file(
        r#"{
        "workspaceFolder": "/workspaces/${localWorkspaceFolderBasename}/api",
        "containerEnv": {
            "A": "${localEnv:HOME}/x", "B": "${localEnv:NONE:a:b}", "C": "[${localEnv:NONE}]", "D": "${env:HOME}",
            "E": "${localWorkspaceFolder}", "F": "${containerWorkspaceFolder}", "G": "${containerWorkspaceFolderBasename}",
            "H": "${devcontainerId}", "I": "${containerEnv:A}!", "J": "${unknown:x} $HOME ${ $ {", "not a name": "x"
        },
        "runArgs": ["--env", "K=1", "-eL=a=b", "--env=A=again", "-e", "NOT_SET"],
        "remoteEnv": { "PATH": "${containerEnv:PATH}:/opt", "B": null, "K": "2", "M": "${containerEnv:A}" }
    }"#,
    );
    let env = file.apply(&surroundings).config.variables();
    let env: Vec<String> = env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        env,
        [
            "A=again",
            "C=[]",
            "D=/home/me",
            "E=/workspace/app",
            "F=/workspace/app/api",
            "G=api",
            "H=w1",
            "I=/home/me/x!",
            "J=${unknown:x} $HOME ${ $ {",
            "K=2",
            "L=a=b",
            "PATH=/bin:/opt",
            "M=again",
        ]
    );
}

#[test]
fn what_only_the_workspace_knows_is_set_by_its_shell() {
    let applied = apply(
        r#"{"containerEnv": {"P": "${containerEnv:HOME}"}, "remoteEnv": {"PATH": "${containerEnv:PATH}:it's/here", "Q": "${containerEnv:Q:d}", "P": "plain", "R": "${containerEnv:a$(id)}"}}"#,
    );
    assert_eq!(
        applied.config.variables(),
        [("P".to_owned(), "plain".to_owned())]
    );
    for situation in [
        Situation::Fresh,
        Situation::Restart,
        Situation::FromPrebuild,
    ] {
        let task = &applied.config.tasks(situation)[0];
        let exports =
            "export PATH=\"${PATH-}\"':it'\\''s/here'\nexport Q=\"${Q-d}\"\nexport R=\"\"\n";
        assert!(
            task.command.starts_with(&format!("{{\n{exports}}}")),
            "{}",
            task.command
        );
    }
}

#[test]
fn the_editor_opens_the_workspace_folder_wherever_it_is_here() {
    for (text, expected) in [
        (r#"{"image": "x"}"#, "app"),
        (r#"{"workspaceFolder": "/workspaces/app"}"#, "app"),
        (
            r#"{"workspaceFolder": "/workspaces/${localWorkspaceFolderBasename}/a/./b/"}"#,
            "app/a/b",
        ),
        (r#"{"workspaceFolder": "/workspaces/app/../../etc"}"#, "app"),
        (r#"{"workspaceFolder": "/workspaces/apple"}"#, "app"),
        (r#"{"workspaceFolder": "/workspace/app/sub"}"#, "app/sub"),
        (r#"{"workspaceFolder": "/somewhere"}"#, "app"),
        (
            r#"{"workspaceMount": "source=${localWorkspaceFolder},target=/src,type=bind", "workspaceFolder": "/src/api"}"#,
            "app/api",
        ),
        (
            r#"{"workspaceMount": "src=${localWorkspaceFolder}/sub,dst=/src", "workspaceFolder": "/src"}"#,
            "app/sub",
        ),
        (
            r#"{"workspaceMount": "source=${localWorkspaceFolder}/..,target=/all,type=bind", "workspaceFolder": "/all"}"#,
            "",
        ),
        (
            r#"{"workspaceMount": "source=${localWorkspaceFolder}/../..,target=/all,type=bind", "workspaceFolder": "/all/etc"}"#,
            "app",
        ),
        (
            r#"{"workspaceMount": "source=/etc,target=/src,type=bind", "workspaceFolder": "/src"}"#,
            "app",
        ),
        (
            r#"{"dockerComposeFile": "c", "service": "s", "workspaceFolder": "/workspaces/app/sub"}"#,
            "app",
        ),
    ] {
        let config = apply(text).config;
        assert_eq!(config.workspace_location("app"), expected, "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn ports_have_the_attributes_of_their_number_then_of_their_range_then_of_all_others() {
    let ports = apply(
        r#"{
        "forwardPorts": [3000, 4005, 5000, "localhost:6000", "db:5432", 3000],
        "appPort": ["8080:80", 81],
        "runArgs": ["-p", "127.0.0.1:9000:90", "--publish=91"],
        "portsAttributes": {
            "3000": {"label": "Web", "onAutoForward": "openPreview", "protocol": "https"},
            "4000-4010": {"label": "Range", "onAutoForward": "silent"},
            "7000": {"onAutoForward": "ignore"},
            "4020-4010": {"label": "backwards"}, ".*": {"label": "expression"}
        },
        "otherPortsAttributes": {"onAutoForward": "openBrowser", "label": "Other"}
    }"#,
    );
    let show = |port: &PortSpec| {
        assert_eq!(port.visibility, Visibility::Private);
        let name = port.name.clone().unwrap_or_default();
        (port.start, port.end, name, port.on_open, port.protocol)
    };
    let ports: Vec<_> = ports.config.ports().iter().map(show).collect();
    let other = |port| {
        (
            port,
            port,
            "Other".to_owned(),
            OnOpen::OpenBrowser,
            Protocol::Http,
        )
    };
    assert_eq!(
        ports,
        [
            (
                3000,
                3000,
                "Web".to_owned(),
                OnOpen::OpenPreview,
                Protocol::Https
            ),
            (
                4005,
                4005,
                "Range".to_owned(),
                OnOpen::Ignore,
                Protocol::Http
            ),
            other(5000),
            other(6000),
            other(80),
            other(81),
            other(90),
            other(91),
            (
                7000,
                7000,
                String::new(),
                OnOpen::IgnoreCompletely,
                Protocol::Http
            ),
            (
                4000,
                4010,
                "Range".to_owned(),
                OnOpen::Ignore,
                Protocol::Http
            ),
            (
                1,
                65535,
                "Other".to_owned(),
                OnOpen::OpenBrowser,
                Protocol::Http
            ),
        ]
    );
    let labelled = apply(r#"{"forwardPorts": [1], "otherPortsAttributes": {"label": "x"}}"#);
    assert_eq!(labelled.config.ports().len(), 1);
}

#[test]
fn extensions_and_plugins_are_those_of_both_places() {
    let config = apply(
        r#"{"extensions": ["a.b", "c.d"], "customizations": {
            "vscode": {"extensions": ["c.d", "-x.y", "e.f@1"]}, "jetbrains": {"plugins": ["p"]}}}"#,
    )
    .config;
    assert_eq!(config.vscode.unwrap().extensions, ["a.b", "c.d", "e.f@1"]);
    assert_eq!(config.jetbrains.unwrap().plugins, ["p"]);
    assert_eq!(apply(r#"{"image": "x"}"#).config.vscode, None);
}

#[test]
fn requirements_choose_the_smallest_class_that_meets_them() {
    let class = |id: &str, cores: u32, gigabytes: u64| {
        let resources = Resources::unlimited()
            .with_cpu_millis(cores * 1000)
            .with_memory_bytes(gigabytes << 30);
        WorkspaceClass::new(id, id, resources)
    };
    let classes = [
        class("large", 8, 16),
        class("small", 2, 4),
        class("fast", 8, 4),
    ];
    for (text, expected) in [
        (r#"{"cpus": 2}"#, Some("small")),
        (r#"{"cpus": 4}"#, Some("fast")),
        (r#"{"memory": "8gb"}"#, Some("large")),
        (r#"{"memory": "8gb", "cpus": 16}"#, None),
        (r#"{"storage": "1tb"}"#, Some("small")),
    ] {
        let file = file(&format!("{{\"hostRequirements\": {text}}}"));
        let needs = file.host_requirements.unwrap();
        let chosen = needs.smallest(&classes).map(|class| class.id.as_str());
        assert_eq!(chosen, expected, "{text}");
    }
    let mut surroundings = surroundings();
    surroundings.resources = Some(classes[1].resources.clone());
    let asks = file(r#"{"hostRequirements": {"cpus": 4, "memory": "4gb"}}"#);
    let notices = asks.apply(&surroundings).notices;
    assert_eq!(
        notices[0].to_string(),
        "line 1, column 23: `hostRequirements.cpus` is ignored: the workspace has 2 cores, not 4"
    );
    assert_eq!(notices.len(), 1);
}
