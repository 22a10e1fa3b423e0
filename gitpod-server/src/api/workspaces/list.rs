use gitpod_core::access::Principal;
use gitpod_core::proto::gitpod::v1::{
    ListWorkspacesRequest, ListWorkspacesResponse, PaginationResponse,
};
use gitpod_core::store::Query;
use gitpod_core::workspace::Workspace;
use gitpod_core::{OrganizationId, Result, WorkspaceId};

use crate::Platform;
use crate::api::convert::workspace_message;
use crate::api::page;

/// Records read at once while a filter looks for matches.
const READ: usize = 200;

/// One page of the caller's workspaces, in id order. The token is the id of the last one of the page before.
pub(super) async fn page(
    platform: &Platform,
    by: &Principal,
    request: &ListWorkspacesRequest,
) -> Result<ListWorkspacesResponse> {
    let size = page::size(&request.pagination)?;
    let filter = Filter::new(request)?;
    let mut query = Query::default();
    query.limit = READ;
    if let Some(user) = by.user() {
        query.owner = Some(user.id);
    }
    query.after = match request.pagination.token.as_str() {
        "" => None,
        token => Some(WorkspaceId::parse(token)?),
    };
    let mut found: Vec<Workspace> = Vec::new();
    // One more than the page holds tells whether there is another page.
    while found.len() <= size {
        let read = platform.list(by, query.clone()).await?;
        query.after = read.last().map(|workspace| workspace.id.clone());
        let last = read.len() < READ;
        found.extend(
            read.into_iter()
                .filter(|workspace| filter.admits(workspace)),
        );
        if last {
            break;
        }
    }
    let more = found.len() > size;
    found.truncate(size);
    let next_token = found
        .last()
        .filter(|_| more)
        .map(|workspace| workspace.id.to_string())
        .unwrap_or_default();
    Ok(ListWorkspacesResponse {
        pagination: PaginationResponse {
            next_token,
            ..PaginationResponse::default()
        }
        .into(),
        workspaces: found
            .iter()
            .map(|workspace| workspace_message(platform, workspace))
            .collect(),
    })
}

struct Filter {
    organization: Option<OrganizationId>,
    pinned: bool,
    term: String,
}

impl Filter {
    fn new(request: &ListWorkspacesRequest) -> Result<Self> {
        let organization = match request.organization_id.as_str() {
            "" => None,
            id => Some(id.parse()?),
        };
        Ok(Self {
            organization,
            pinned: request.pinned,
            term: request.search_term.trim().to_lowercase(),
        })
    }

    fn admits(&self, workspace: &Workspace) -> bool {
        let spec = &workspace.spec;
        let texts = [
            workspace.id.as_str(),
            workspace.name.as_deref().unwrap_or_default(),
            &spec.context.url,
            &spec.context.title,
        ];
        self.organization
            .is_none_or(|organization| organization == spec.organization)
            && (!self.pinned || workspace.pinned)
            && (self.term.is_empty()
                || texts
                    .iter()
                    .any(|text| text.to_lowercase().contains(&self.term)))
    }
}
