//! The messages that REST serves, in proto3 JSON with every field present.

use gitpod_core::proto::supervisor as wire;
use serde_json::{Value, json};

pub(super) fn editor(status: &wire::IdeStatusResponse) -> Value {
    json!({
        "ok": status.ok,
        "desktop": null,
        "failure": status.failure,
        "logTail": status.log_tail,
        "restarts": status.restarts,
        "name": status.name,
        "version": status.version,
    })
}

pub(super) fn content(status: wire::ContentStatusResponse) -> Value {
    json!({ "available": status.available, "source": status.source().as_str_name() })
}

pub(super) fn ports(status: &wire::PortsStatusResponse) -> Value {
    let port = |port: &wire::PortsStatus| {
        let exposed = port.exposed.as_ref().map(|exposed| {
            json!({
                "visibility": exposed.visibility().as_str_name(),
                "url": exposed.url,
                "protocol": exposed.protocol().as_str_name(),
            })
        });
        json!({
            "localPort": port.local_port,
            "served": port.served,
            "exposed": exposed,
            "autoExposure": port.auto_exposure().as_str_name(),
            "tunneled": null,
            "description": port.description,
            "name": port.name,
            "onOpen": port.on_open().as_str_name(),
        })
    };
    json!({ "ports": status.ports.iter().map(port).collect::<Vec<_>>() })
}

pub(super) fn tasks(status: &wire::TasksStatusResponse) -> Value {
    let task = |task: &wire::TaskStatus| {
        let presentation = task.presentation.clone().unwrap_or_default();
        json!({
            "id": task.id,
            "state": task.state().as_str_name(),
            "terminal": task.terminal,
            "presentation": {
                "name": presentation.name,
                "openIn": presentation.open_in,
                "openMode": presentation.open_mode,
            },
            "exitCode": task.exit_code,
            "failure": task.failure,
        })
    };
    json!({ "tasks": status.tasks.iter().map(task).collect::<Vec<_>>() })
}

pub(super) fn resources(status: &wire::ResourcesStatusResponse) -> Value {
    let resource = |resource: Option<&wire::ResourceStatus>| {
        resource.map(|resource| {
            // 64-bit numbers are strings in proto3 JSON.
            json!({
                "used": resource.used.to_string(),
                "limit": resource.limit.to_string(),
                "severity": resource.severity().as_str_name(),
            })
        })
    };
    json!({
        "memory": resource(status.memory.as_ref()),
        "cpu": resource(status.cpu.as_ref()),
    })
}

pub(super) fn info(info: &wire::WorkspaceInfoResponse) -> Value {
    use wire::workspace_info_response::WorkspaceLocation;
    let (location, path) = match info.workspace_location.as_ref() {
        Some(WorkspaceLocation::WorkspaceLocationFile(path)) => {
            ("workspaceLocationFile", path.as_str())
        }
        Some(WorkspaceLocation::WorkspaceLocationFolder(path)) => {
            ("workspaceLocationFolder", path.as_str())
        }
        None => ("workspaceLocationFolder", ""),
    };
    let api = info.gitpod_api.clone().unwrap_or_default();
    let class = info.workspace_class.clone().unwrap_or_default();
    let repository = info.repository.as_ref();
    json!({
        "workspaceId": info.workspace_id,
        "instanceId": info.instance_id,
        "checkoutLocation": info.checkout_location,
        location: path,
        "userHome": info.user_home,
        "gitpodApi": { "endpoint": api.endpoint, "host": api.host },
        "gitpodHost": info.gitpod_host,
        "workspaceContextUrl": info.workspace_context_url,
        "repository": repository.map(|found| json!({ "owner": found.owner, "name": found.name })),
        "workspaceClusterHost": info.workspace_cluster_host,
        "workspaceUrl": info.workspace_url,
        "ideAlias": info.ide_alias,
        "idePort": info.ide_port,
        "workspaceClass": {
            "id": class.id,
            "displayName": class.display_name,
            "description": class.description,
        },
        "ownerId": info.owner_id,
        "debugWorkspaceType": info.debug_workspace_type().as_str_name(),
        "configcatEnabled": info.configcat_enabled,
    })
}

pub(super) fn terminals(list: &wire::ListTerminalsResponse) -> Value {
    let terminal = |terminal: &wire::Terminal| {
        json!({
            "alias": terminal.alias,
            "command": terminal.command,
            "title": terminal.title,
            "pid": terminal.pid.to_string(),
            "initialWorkdir": terminal.initial_workdir,
            "currentWorkdir": terminal.current_workdir,
            "annotations": terminal.annotations,
            "titleSource": terminal.title_source().as_str_name(),
        })
    };
    json!({ "terminals": list.terminals.iter().map(terminal).collect::<Vec<_>>() })
}
