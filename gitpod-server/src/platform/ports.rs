use gitpod_core::access::{Action, Principal};
use gitpod_core::port::{PortChoice, Protocol, Visibility, is_reserved, settle};
use gitpod_core::workspace::{EventKind, Phase, Workspace};
use gitpod_core::{Error, ErrorKind, Result, WorkspaceId};

use super::Platform;

/// Ports of one instance that can be set: a record stays small whatever a script does.
const MOST: usize = 100;

impl Platform {
    /// Sets who may reach a port and what the proxy speaks to it, until the instance ends; `None` leaves as is.
    ///
    /// # Behavior
    /// Nothing has to serve the port. When it turns private, the proxy cuts everybody off who came in without the owner's token.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`; `FailedPrecondition` when it does not run, or too many ports were set; `InvalidInput` for
    /// port 0, for ports of the platform's own, and when nothing is set.
    pub async fn set_port(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        port: u16,
        visibility: Option<Visibility>,
        protocol: Option<Protocol>,
    ) -> Result<Workspace> {
        if port == 0 {
            return Err(Error::invalid("0 is no port").with_hint("give a port of 1 to 65535"));
        }
        if visibility.is_none() && protocol.is_none() {
            return Err(Error::invalid("nothing of the port is to be set")
                .with_hint("say who may reach it, or what the proxy speaks to it"));
        }
        if is_reserved(port) {
            return Err(
                Error::invalid("this port is the platform's own and stays private")
                    .with_context("port", port)
                    .with_hint("have your program listen on another port"),
            );
        }
        self.visible(by, id, Action::UpdateWorkspace).await?;
        self.change(id, |workspace| {
            choose(workspace, port, visibility, protocol)
        })
        .await
    }
}

fn choose(
    workspace: &mut Workspace,
    port: u16,
    visibility: Option<Visibility>,
    protocol: Option<Protocol>,
) -> Result<Option<Vec<EventKind>>> {
    let phase = workspace.status.phase;
    let instance = workspace.status.instance.as_mut();
    let instance = instance
        .filter(|_| !matches!(phase, Phase::Stopping | Phase::Stopped))
        .ok_or_else(|| {
            Error::new(
                ErrorKind::FailedPrecondition,
                "ports can be set while the workspace runs",
            )
            .with_context("workspace", &workspace.id)
            .with_hint("start it first; `ports` in `.gitpod.yml` set them for every start")
        })?;
    let before = (instance.ports.clone(), instance.port_choices.clone());
    let choices = &mut instance.port_choices;
    let at = match choices.iter().position(|choice| choice.port == port) {
        Some(at) => at,
        None if choices.len() >= MOST => {
            return Err(Error::new(
                ErrorKind::FailedPrecondition,
                "too many ports of this workspace were set",
            )
            .with_hint("stop and start it; or set a range of ports in `.gitpod.yml`"));
        }
        None => {
            choices.push(PortChoice::new(port));
            choices.len() - 1
        }
    };
    let choice = &mut choices[at];
    choice.visibility = visibility.or(choice.visibility);
    choice.protocol = protocol.or(choice.protocol);
    instance.ports = settle(
        &instance.ports,
        &workspace.spec.ports,
        &instance.port_choices,
    );
    let changed = before != (instance.ports.clone(), instance.port_choices.clone());
    Ok(changed.then(|| vec![EventKind::Updated]))
}
