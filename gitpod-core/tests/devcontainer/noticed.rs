//! Whatever has no effect, or another one than the file asks for, is told with its place.

use gitpod_core::devcontainer::{MAX_BYTES, NoticeKind};

use super::apply;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_property_that_is_not_done_as_asked_has_its_notice() {
    for (text, expected) in [
        (
            r#"{"initializeCommand": "id"}"#,
            "refused initializeCommand",
        ),
        (
            r#"{"initializeCommand": ["id"]}"#,
            "refused initializeCommand",
        ),
        (
            r#"{"initializeCommand": {"a": "id"}}"#,
            "refused initializeCommand",
        ),
        (r#"{"initializeCommand": ""}"#, ""),
        (r#"{"postAttachCommand": "x"}"#, "adapted postAttachCommand"),
        (r#"{"waitFor": "postCreateCommand"}"#, "adapted waitFor"),
        (
            r#"{"features": {"a/b:1": {}, "c": {}}}"#,
            "ignored features.a/b:1, ignored features.c",
        ),
        (
            r#"{"overrideFeatureInstallOrder": []}"#,
            "ignored overrideFeatureInstallOrder",
        ),
        (
            r#"{"dockerComposeFile": "c.yml", "service": "s", "runServices": ["d"]}"#,
            "ignored dockerComposeFile, ignored service, ignored runServices",
        ),
        (r#"{"image": "x", "service": "s"}"#, "ignored service"),
        (r#"{"image": "x", "context": ".."}"#, "ignored context"),
        (
            r#"{"build": {"dockerfile": "d", "args": {"A": "1"}, "target": "t", "cacheFrom": "i", "options": ["-q"]}}"#,
            "ignored build.args.A, ignored build.target, ignored build.cacheFrom, ignored build.options[0]",
        ),
        (
            r#"{"build": {"dockerfile": "../../d"}}"#,
            "refused build.dockerfile",
        ),
        (r#"{"image": "a:${nothing}"}"#, "ignored image"),
        (r#"{"image": "a${localEnv:B}"}"#, "adapted image"),
        (r#"{"forwardPorts": ["db:1"]}"#, "ignored forwardPorts[0]"),
        (
            r#"{"portsAttributes": {"db:1": {}, "a.*": {}}}"#,
            "ignored portsAttributes.db:1, ignored portsAttributes.a.*",
        ),
        (
            r#"{"portsAttributes": {"1": {"requireLocalPort": true, "elevateIfNeeded": true, "onAutoForward": "openBrowserOnce"}}}"#,
            "adapted portsAttributes.1.requireLocalPort, adapted portsAttributes.1.elevateIfNeeded, adapted portsAttributes.1.onAutoForward",
        ),
        (
            r#"{"portsAttributes": {"1": {"requireLocalPort": false}}}"#,
            "",
        ),
        (
            r#"{"otherPortsAttributes": {"requireLocalPort": true}}"#,
            "adapted otherPortsAttributes.requireLocalPort",
        ),
        (
            r#"{"appPort": ["1:2", "3-4", "5:5"]}"#,
            "adapted appPort, ignored appPort",
        ),
        (
            r#"{"containerEnv": {"a b": "x"}}"#,
            "ignored containerEnv.a b",
        ),
        (
            r#"{"remoteEnv": {"A": null, "B": "${containerEnv:B}"}}"#,
            "adapted remoteEnv.A, adapted remoteEnv.B",
        ),
        (r#"{"secrets": {"A": {}}}"#, "ignored secrets.A"),
        (
            r#"{"remoteUser": "vscode", "containerUser": "root"}"#,
            "adapted remoteUser, adapted containerUser",
        ),
        (r#"{"remoteUser": "gitpod"}"#, ""),
        (
            r#"{"updateRemoteUserUID": false, "userEnvProbe": "none"}"#,
            "ignored updateRemoteUserUID, ignored userEnvProbe",
        ),
        (
            r#"{"updateRemoteUserUID": true, "init": true, "overrideCommand": true, "privileged": false}"#,
            "",
        ),
        (
            r#"{"init": false, "overrideCommand": false, "privileged": true}"#,
            "adapted init, ignored overrideCommand, refused privileged",
        ),
        (
            r#"{"capAdd": ["A", "B"], "securityOpt": ["c"]}"#,
            "refused capAdd[0], refused capAdd[1], refused securityOpt[0]",
        ),
        (
            r#"{"mounts": ["source=/var/run/docker.sock,target=/x,type=bind", {"type": "volume", "target": "/y"}, "type=tmpfs,target=/z"]}"#,
            "refused mounts[0], ignored mounts[1], ignored mounts[2]",
        ),
        (
            r#"{"workspaceMount": "source=${localWorkspaceFolder},target=/x,type=bind"}"#,
            "adapted workspaceMount",
        ),
        (r#"{"workspaceFolder": "/workspace/app"}"#, ""),
        (r#"{"workspaceFolder": "/x"}"#, "adapted workspaceFolder"),
        (r#"{"shutdownAction": "none"}"#, "adapted shutdownAction"),
        (r#"{"shutdownAction": "stopContainer"}"#, ""),
        (
            r#"{"hostRequirements": {"cpus": 1, "memory": "1gb", "storage": "1gb", "gpu": "optional"}}"#,
            "adapted hostRequirements.cpus, adapted hostRequirements.memory, adapted hostRequirements.storage, ignored hostRequirements.gpu",
        ),
        (r#"{"hostRequirements": {"gpu": false}}"#, ""),
        (
            r#"{"extensions": ["-a.b"], "settings": {"x": 1}, "customizations": {"vscode": {"settings": {"y": 1}}}}"#,
            "ignored extensions[0], ignored settings, ignored customizations.vscode.settings",
        ),
        (
            r#"{"customizations": {"jetbrains": {"backend": "GoLand", "settings": {"a": 1}}, "codespaces": {"openFiles": ["x"]}, "gitpod": {}}}"#,
            "ignored customizations.jetbrains.backend, ignored customizations.jetbrains.settings, ignored customizations.codespaces",
        ),
        (
            r#"{"name": "x", "image": "y", "postCreateCommand": "z", "forwardPorts": [1]}"#,
            "",
        ),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

/// Kind and property of each notice.
fn told(text: &str) -> String {
    let notices = apply(text).notices;
    let told = notices
        .iter()
        .map(|notice| format!("{} {}", notice.kind, notice.property));
    told.collect::<Vec<_>>().join(", ")
}

#[test]
fn arguments_are_read_as_a_command_line_reads_them() {
    for (arguments, expected) in [
        (
            r#""--env", "A=1", "-e", "B=2", "-eC=3", "-e=D=4", "--env=E=5""#,
            "",
        ),
        (r#""-e", "A""#, "ignored runArgs[0]"),
        (r#""-p", "80", "--publish=80:80""#, ""),
        (
            r#""-p", "8080:80", "-p", "53:53/udp""#,
            "adapted runArgs[0], ignored runArgs[2]",
        ),
        (r#""--init", "-it", "-d""#, ""),
        (r#""-u", "node""#, "adapted runArgs[0]"),
        (r#""--user=gitpod""#, ""),
        (
            r#""--cap-add=SYS_PTRACE", "--security-opt", "seccomp=unconfined", "--privileged""#,
            "refused runArgs[0], refused runArgs[1], refused runArgs[3]",
        ),
        (
            r#""--net=host", "--network", "dev""#,
            "refused runArgs[0], ignored runArgs[1]",
        ),
        (
            r#""--memory=4g", "-m", "4g", "--cpus", "2", "--shm-size=1g""#,
            "ignored runArgs[0], ignored runArgs[1], ignored runArgs[3], ignored runArgs[5]",
        ),
        (
            r#""--name", "x", "--hostname", "y", "-h", "z""#,
            "ignored runArgs[0], ignored runArgs[2], ignored runArgs[4]",
        ),
        (
            r#""-v", "/var/run/docker.sock:/x", "-v", "cache:/x", "--mount", "type=bind,source=a,target=b""#,
            "refused runArgs[0], ignored runArgs[2], refused runArgs[4]",
        ),
        (
            r#""--device=/dev/kvm", "--gpus", "all", "--pid=host""#,
            "refused runArgs[0], ignored runArgs[1], refused runArgs[3]",
        ),
        (
            r#""--rm", "--unheard-of", "value", "--other", "stray""#,
            "ignored runArgs[0], ignored runArgs[1], ignored runArgs[3]",
        ),
        (
            r#""", "-", "--", "é", "-é""#,
            "ignored runArgs[0], ignored runArgs[1], ignored runArgs[2], ignored runArgs[3], ignored runArgs[4]",
        ),
    ] {
        let text = format!(r#"{{"runArgs": [{arguments}]}}"#);
        assert_eq!(told(&text), expected, "{text}");
    }
}

#[test]
fn a_notice_has_the_place_of_its_property() {
    let text = "{\n  \"features\": {\n    \"ghcr.io/a/b.c:1\": {}\n  },\n  \"runArgs\": [\n    \"--init\",\n    \"--net=host\"\n  ],\n\
                \x20 \"customizations\": {\"vscode\": {\"settings\": {\"a\": 1}, \"extensions\": [\"a.b\", \"-c.d\"]}}\n}";
    let places: Vec<(u64, u64)> = apply(text)
        .notices
        .iter()
        .map(|notice| (notice.position.line, notice.position.column))
        .collect();
    assert_eq!(places, [(3, 5), (7, 5), (9, 33), (9, 77)]);
    let json = serde_json::to_value(&apply(text).notices[1]).unwrap();
    let expected = serde_json::json!({
        "kind": "refused", "property": "runArgs[1]", "line": 7, "column": 5,
        "instead": "each workspace has a network of its own",
    });
    assert_eq!(json, expected);
}

#[test]
fn thousands_of_notices_are_counted() {
    let text = format!("{{\"capAdd\": [{}\"X\"]}}", "\"X\",".repeat(999));
    assert!(text.len() < MAX_BYTES);
    let notices = apply(&text).notices;
    let last = notices.last().unwrap();
    assert_eq!((notices.len(), last.kind), (201, NoticeKind::Ignored));
    assert_eq!(last.instead, "800 more are not listed");
}
