use connectrpc::{ConnectError, ErrorCode, ErrorDetail};
use gitpod_core::access::Principal;
use gitpod_core::proto::gitpod::v1::{
    CreateAndStartWorkspaceRequest, FailedPreconditionDetails, RepositoryNotFoundError,
    WorkspaceMetadata, create_and_start_workspace_request, failed_precondition_details,
};
use gitpod_core::workspace::Workspace;
use gitpod_core::{Chain, Error, ErrorKind, OrganizationId};

use crate::api::status::{connect_error, unimplemented};
use crate::{CreateWorkspace, Platform};

/// Creates what a request asks for.
pub(super) async fn create(
    platform: &Platform,
    by: &Principal,
    request: CreateAndStartWorkspaceRequest,
) -> Result<Workspace, ConnectError> {
    use create_and_start_workspace_request::Source;
    let source = match request.source {
        Some(Source::ContextUrl(source)) => source,
        Some(Source::Spec(_)) => return Err(unimplemented()),
        None => {
            return Err(connect_error(
                Error::invalid("the request names no source").with_hint("set context_url.url"),
            ));
        }
    };
    let metadata = request.metadata.into_option().unwrap_or_default();
    check_organization(by, &metadata).map_err(connect_error)?;
    let mut wanted = CreateWorkspace::new(source.url.trim());
    wanted.default_configuration = request.force_default_config;
    wanted.class = Some(source.workspace_class).filter(|class| !class.is_empty());
    wanted.editor = source
        .editor
        .into_option()
        .map(|editor| editor.name)
        .filter(|name| !name.is_empty());
    let workspace = platform.create(by, wanted).await;
    let workspace = workspace.map_err(|error| repository_error(&source.url, error))?;
    let name = Some(metadata.name).filter(|name| !name.is_empty());
    let pinned = metadata.pinned.then_some(true);
    if name.is_none() && pinned.is_none() {
        return Ok(workspace);
    }
    let named = platform.update(by, &workspace.id, name, pinned).await;
    named.map_err(connect_error)
}

/// A user has one organization so far; naming another one is refused rather than ignored.
fn check_organization(by: &Principal, metadata: &WorkspaceMetadata) -> Result<(), Error> {
    if metadata.organization_id.is_empty() {
        return Ok(());
    }
    let id: OrganizationId = metadata.organization_id.parse()?;
    match by.user() {
        Some(user) if user.organization != id => Err(Error::new(
            ErrorKind::PermissionDenied,
            "you are not a member of this organization",
        )
        .with_context("organization", id)),
        _ => Ok(()),
    }
}

/// What does not exist here is the repository or its revision, not the thing the method is about: clients of the original
/// expect `failed_precondition` with details.
pub(super) fn repository_error(url: &str, error: Error) -> ConnectError {
    if error.kind() != ErrorKind::NotFound {
        return connect_error(error);
    }
    let url = url::Url::parse(url).ok();
    let mut path = url.iter().filter_map(url::Url::path_segments).flatten();
    let details = FailedPreconditionDetails {
        reason: Some(failed_precondition_details::Reason::RepositoryNotFound(
            Box::new(RepositoryNotFoundError {
                host: url
                    .as_ref()
                    .and_then(|url| url.host_str())
                    .unwrap_or_default()
                    .to_owned(),
                owner: path.next().unwrap_or_default().to_owned(),
                repo_name: path.next().unwrap_or_default().to_owned(),
                error_message: Chain(&error).to_string(),
                ..RepositoryNotFoundError::default()
            }),
        )),
    };
    let mut answer = connect_error(error);
    answer.code = ErrorCode::FailedPrecondition;
    answer.with_detail(ErrorDetail::from_message(
        "gitpod.v1.FailedPreconditionDetails",
        &details,
    ))
}
