//! `gitpod.v1.WorkspaceService`.

mod create;
mod list;
mod port;
mod share;
mod watch;

use connectrpc::{
    ConnectError, RequestContext, Response, ServiceRequest, ServiceResult, ServiceStream,
};
use gitpod_core::proto::gitpod::v1::{
    CreateAndStartWorkspaceRequest, CreateAndStartWorkspaceResponse,
    CreateWorkspaceSnapshotRequest, CreateWorkspaceSnapshotResponse, DeleteWorkspaceRequest,
    DeleteWorkspaceResponse, GetWorkspaceDefaultImageRequest, GetWorkspaceDefaultImageResponse,
    GetWorkspaceEditorCredentialsRequest, GetWorkspaceEditorCredentialsResponse,
    GetWorkspaceOwnerTokenRequest, GetWorkspaceOwnerTokenResponse, GetWorkspaceRequest,
    GetWorkspaceResponse, GetWorkspaceTaskOutputRequest, GetWorkspaceTaskOutputResponse,
    ListWorkspaceClassesRequest, ListWorkspaceClassesResponse, ListWorkspaceSessionsRequest,
    ListWorkspaceSessionsResponse, ListWorkspacesRequest, ListWorkspacesResponse,
    ParseContextURLRequest, ParseContextURLResponse, SendHeartBeatRequest, SendHeartBeatResponse,
    StartWorkspaceRequest, StartWorkspaceResponse, StopWorkspaceRequest, StopWorkspaceResponse,
    UpdateWorkspacePortRequest, UpdateWorkspacePortResponse, UpdateWorkspaceRequest,
    UpdateWorkspaceResponse, WaitForWorkspaceSnapshotRequest, WaitForWorkspaceSnapshotResponse,
    WatchWorkspaceStatusRequest, WatchWorkspaceStatusResponse, WorkspaceService,
    get_workspace_default_image_response,
};
use gitpod_core::{Error, WorkspaceId};

use super::convert::{class_message, context_metadata, spec_message, workspace_message};
use super::gate::caller;
use super::page;
use super::status::{connect_error, not_served};
use crate::{Platform, StartOptions};

/// Workspaces of the caller, and those the caller may see.
#[derive(Debug)]
pub(super) struct Workspaces {
    platform: Platform,
}

impl Workspaces {
    pub(super) fn new(platform: Platform) -> Self {
        Self { platform }
    }
}

#[expect(refining_impl_trait_internal, reason = "each method names its message")]
impl WorkspaceService for Workspaces {
    async fn get_workspace(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetWorkspaceRequest>,
    ) -> ServiceResult<GetWorkspaceResponse> {
        let id = id(request.workspace_id)?;
        let workspace = self.platform.get(caller(&ctx)?, &id).await;
        let workspace = workspace.map_err(connect_error)?;
        Response::ok(GetWorkspaceResponse {
            workspace: workspace_message(&self.platform, &workspace).into(),
        })
    }

    async fn watch_workspace_status(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, WatchWorkspaceStatusRequest>,
    ) -> ServiceResult<ServiceStream<WatchWorkspaceStatusResponse>> {
        let only = match request.workspace_id {
            "" => None,
            text => Some(id(text)?),
        };
        let stream = watch::open(&self.platform, caller(&ctx)?, only).await;
        Response::stream_ok(stream.map_err(connect_error)?)
    }

    async fn list_workspaces(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListWorkspacesRequest>,
    ) -> ServiceResult<ListWorkspacesResponse> {
        let request = request.to_owned_message();
        let answer = list::page(&self.platform, caller(&ctx)?, &request).await;
        Response::ok(answer.map_err(connect_error)?)
    }

    async fn create_and_start_workspace(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateAndStartWorkspaceRequest>,
    ) -> ServiceResult<CreateAndStartWorkspaceResponse> {
        let request = request.to_owned_message();
        let workspace = create::create(&self.platform, caller(&ctx)?, request).await?;
        Response::ok(CreateAndStartWorkspaceResponse {
            workspace: workspace_message(&self.platform, &workspace).into(),
        })
    }

    async fn start_workspace(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, StartWorkspaceRequest>,
    ) -> ServiceResult<StartWorkspaceResponse> {
        let request = request.to_owned_message();
        let id = id(&request.workspace_id)?;
        let options = StartOptions {
            class: Some(request.workspace_class).filter(|class| !class.is_empty()),
            editor: request
                .editor
                .into_option()
                .map(|editor| editor.name)
                .filter(|name| !name.is_empty()),
        };
        let by = caller(&ctx)?;
        let workspace = self.platform.start_with(by, &id, options).await;
        let workspace = workspace.map_err(connect_error)?;
        Response::ok(StartWorkspaceResponse {
            workspace: workspace_message(&self.platform, &workspace).into(),
        })
    }

    async fn update_workspace(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateWorkspaceRequest>,
    ) -> ServiceResult<UpdateWorkspaceResponse> {
        let request = request.to_owned_message();
        let id = id(&request.workspace_id)?;
        let by = caller(&ctx)?;
        if let Some(spec) = request.spec.into_option() {
            share::update(&self.platform, by, &id, &spec).await?;
        }
        let metadata = request.metadata.into_option().unwrap_or_default();
        let workspace = self
            .platform
            .update(by, &id, metadata.name, metadata.pinned)
            .await
            .map_err(connect_error)?;
        Response::ok(UpdateWorkspaceResponse {
            workspace: workspace_message(&self.platform, &workspace).into(),
        })
    }

    async fn stop_workspace(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, StopWorkspaceRequest>,
    ) -> ServiceResult<StopWorkspaceResponse> {
        let id = id(request.workspace_id)?;
        let stopped = self.platform.stop(caller(&ctx)?, &id).await;
        stopped.map_err(connect_error)?;
        Response::ok(StopWorkspaceResponse::default())
    }

    async fn delete_workspace(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteWorkspaceRequest>,
    ) -> ServiceResult<DeleteWorkspaceResponse> {
        let id = id(request.workspace_id)?;
        let deleted = self.platform.delete(caller(&ctx)?, &id).await;
        deleted.map_err(connect_error)?;
        Response::ok(DeleteWorkspaceResponse::default())
    }

    async fn list_workspace_classes(
        &self,
        _: RequestContext,
        request: ServiceRequest<'_, ListWorkspaceClassesRequest>,
    ) -> ServiceResult<ListWorkspaceClassesResponse> {
        let request = request.to_owned_message();
        let all = self.platform.classes().iter().map(class_message).collect();
        let (workspace_classes, pagination) =
            page::slice(all, &request.pagination).map_err(connect_error)?;
        Response::ok(ListWorkspaceClassesResponse {
            pagination: pagination.into(),
            workspace_classes,
        })
    }

    async fn parse_context_url(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ParseContextURLRequest>,
    ) -> ServiceResult<ParseContextURLResponse> {
        let url = request.context_url.trim();
        let parsed = self.platform.parse_context(caller(&ctx)?, url).await;
        let parsed = parsed.map_err(|error| create::repository_error(url, error))?;
        Response::ok(ParseContextURLResponse {
            metadata: context_metadata(&parsed.spec).into(),
            spec: spec_message(&parsed.spec).into(),
        })
    }

    async fn get_workspace_default_image(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetWorkspaceDefaultImageRequest>,
    ) -> ServiceResult<GetWorkspaceDefaultImageResponse> {
        let by = caller(&ctx)?;
        if !request.workspace_id.is_empty() {
            // Whoever names a workspace has to be able to see it.
            let id = id(request.workspace_id)?;
            self.platform.get(by, &id).await.map_err(connect_error)?;
        }
        Response::ok(GetWorkspaceDefaultImageResponse {
            default_workspace_image: gitpod_core::image::ImageRef::Host.to_string(),
            source: get_workspace_default_image_response::Source::SOURCE_INSTALLATION.into(),
        })
    }

    async fn send_heart_beat(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, SendHeartBeatRequest>,
    ) -> ServiceResult<SendHeartBeatResponse> {
        let (by, id) = (caller(&ctx)?, id(request.workspace_id)?);
        let noted = if request.disconnected {
            self.platform.mark_closed(by, &id).await
        } else {
            self.platform.mark_active(by, &id).await
        };
        noted.map_err(connect_error)?;
        Response::ok(SendHeartBeatResponse::default())
    }

    async fn get_workspace_owner_token(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetWorkspaceOwnerTokenRequest>,
    ) -> ServiceResult<GetWorkspaceOwnerTokenResponse> {
        let id = id(request.workspace_id)?;
        let token = self.platform.owner_token(caller(&ctx)?, &id).await;
        let token = token.map_err(connect_error)?;
        Response::ok(GetWorkspaceOwnerTokenResponse {
            owner_token: token.expose().clone(),
        })
    }

    async fn update_workspace_port(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateWorkspacePortRequest>,
    ) -> ServiceResult<UpdateWorkspacePortResponse> {
        port::update(&self.platform, caller(&ctx)?, &request.to_owned_message())
            .await
            .map_err(connect_error)?;
        Response::ok(UpdateWorkspacePortResponse::default())
    }

    async fn get_workspace_task_output(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetWorkspaceTaskOutputRequest>,
    ) -> ServiceResult<GetWorkspaceTaskOutputResponse> {
        let request = request.to_owned_message();
        let id = id(&request.workspace_id)?;
        let output = self
            .platform
            .task_output(caller(&ctx)?, &id, &request.task_id)
            .await
            .map_err(connect_error)?;
        let data = output.ok_or_else(|| {
            connect_error(
                Error::not_found("no output of the task is kept")
                    .with_context("task", &request.task_id)
                    .with_hint(
                        "it is kept when a workspace stops; while it runs, its supervisor has it",
                    ),
            )
        })?;
        Response::ok(GetWorkspaceTaskOutputResponse { data })
    }

    not_served! {
        list_workspace_sessions: ListWorkspaceSessionsRequest => ListWorkspaceSessionsResponse;
        get_workspace_editor_credentials: GetWorkspaceEditorCredentialsRequest => GetWorkspaceEditorCredentialsResponse;
        create_workspace_snapshot: CreateWorkspaceSnapshotRequest => CreateWorkspaceSnapshotResponse;
        wait_for_workspace_snapshot: WaitForWorkspaceSnapshotRequest => WaitForWorkspaceSnapshotResponse;
    }
}

fn id(text: &str) -> Result<WorkspaceId, ConnectError> {
    if text.is_empty() {
        return Err(connect_error(
            Error::invalid("the request names no workspace").with_hint("set workspace_id"),
        ));
    }
    WorkspaceId::parse(text).map_err(connect_error)
}
