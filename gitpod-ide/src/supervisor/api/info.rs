use gitpod_core::proto::supervisor as wire;
use gitpod_core::proto::supervisor::info_service_server::InfoService;
use tonic::{Request, Response, Status};

use super::state::State;

/// `supervisor.InfoService`.
#[derive(Debug)]
pub(super) struct Info(pub(super) State);

#[tonic::async_trait]
impl InfoService for Info {
    async fn workspace_info(
        &self,
        _: Request<wire::WorkspaceInfoRequest>,
    ) -> Result<Response<wire::WorkspaceInfoResponse>, Status> {
        Ok(Response::new(info(&self.0)))
    }
}

pub(super) fn info(state: &State) -> wire::WorkspaceInfoResponse {
    use wire::workspace_info_response::{GitpodApi, WorkspaceClass, WorkspaceLocation};
    let config = &state.config;
    let host = after_scheme(&config.host).to_owned();
    let location = config.workspace_location.to_string_lossy().into_owned();
    wire::WorkspaceInfoResponse {
        workspace_id: config.workspace_id.clone(),
        instance_id: config.instance_id.clone(),
        checkout_location: config.repo_root.to_string_lossy().into_owned(),
        user_home: state.user.account.home.to_string_lossy().into_owned(),
        gitpod_api: Some(GitpodApi {
            endpoint: format!("{}/api/v1", config.host.replacen("http", "ws", 1)),
            host,
        }),
        gitpod_host: config.host.clone(),
        workspace_context_url: config.context_url.clone(),
        repository: repository(&config.context_url),
        workspace_cluster_host: cluster_host(&config.workspace_url).to_owned(),
        workspace_url: config.workspace_url.clone(),
        ide_alias: config.ide_alias.clone(),
        ide_port: config.ide_port.into(),
        workspace_class: Some(WorkspaceClass {
            id: config.class.clone(),
            display_name: config.class.clone(),
            description: String::new(),
        }),
        owner_id: config.owner_id.clone(),
        debug_workspace_type: wire::DebugWorkspaceType::NoDebug.into(),
        configcat_enabled: false,
        workspace_location: Some(if config.workspace_location.is_file() {
            WorkspaceLocation::WorkspaceLocationFile(location)
        } else {
            WorkspaceLocation::WorkspaceLocationFolder(location)
        }),
    }
}

fn after_scheme(url: &str) -> &str {
    url.split_once("://")
        .map_or(url, |(_, rest)| rest)
        .trim_end_matches('/')
}

/// The workspace's host less the workspace.
fn cluster_host(workspace_url: &str) -> &str {
    after_scheme(workspace_url)
        .split_once('.')
        .map_or("", |(_, rest)| rest)
}

/// Owner and name as the context's path tells them: what stands before a view such as `/tree/` or `/-/`.
fn repository(context_url: &str) -> Option<wire::workspace_info_response::Repository> {
    const VIEWS: [&str; 7] = ["-", "tree", "blob", "commit", "issues", "pull", "src"];
    let (_, path) = after_scheme(context_url).split_once('/')?;
    let path = path.split(['?', '#']).next()?;
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let place: Vec<&str> = segments
        .enumerate()
        .take_while(|(index, segment)| *index < 2 || !VIEWS.contains(segment))
        .map(|(_, segment)| segment)
        .collect();
    let (name, owner) = place.split_last()?;
    Some(wire::workspace_info_response::Repository {
        owner: owner.join("/"),
        name: name.trim_end_matches(".git").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owner_and_name_are_found_before_views() {
        for (url, owner, name) in [
            ("https://git.example/o/r", "o", "r"),
            ("https://git.example/o/r.git", "o", "r"),
            ("https://git.example/o/r/tree/main/tree", "o", "r"),
            (
                "https://git.example/group/sub/r/-/issues/3",
                "group/sub",
                "r",
            ),
            ("https://git.example/tree/pull#branch", "tree", "pull"),
        ] {
            let found = repository(url).unwrap();
            assert_eq!(
                (found.owner.as_str(), found.name.as_str()),
                (owner, name),
                "{url}"
            );
        }
        assert_eq!(repository("https://git.example/"), None);
        assert_eq!(
            cluster_host("http://a.ws.localhost:4000/"),
            "ws.localhost:4000"
        );
    }
}
