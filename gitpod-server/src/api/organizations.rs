use connectrpc::{ConnectError, RequestContext, Response, ServiceRequest, ServiceResult};
use gitpod_core::proto::gitpod::v1::{
    GetOrganizationRequest, GetOrganizationResponse, ListOrganizationsRequest,
    ListOrganizationsResponse, Organization, OrganizationService,
};
use gitpod_core::store::User;
use gitpod_core::{Error, OrganizationId};

use super::convert::timestamp;
use super::gate::caller;
use super::page;
use super::status::connect_error;
use crate::Platform;
use crate::auth::unauthenticated;

/// For people; there is one organization per installation so far, and nothing to rename it with.
const NAME: &str = "Default Organization";
const SLUG: &str = "default";

/// Organizations of the caller.
#[derive(Debug)]
pub(super) struct Organizations {
    platform: Platform,
}

impl Organizations {
    pub(super) fn new(platform: Platform) -> Self {
        Self { platform }
    }

    /// The caller's organization; as old as its first member.
    async fn of(&self, user: &User) -> Result<Organization, ConnectError> {
        let users = self
            .platform
            .identities()
            .users()
            .await
            .map_err(connect_error)?;
        let since = users
            .iter()
            .filter(|other| other.organization == user.organization)
            .map(|other| other.created_at)
            .min();
        Ok(Organization {
            id: user.organization.to_string(),
            name: String::from(NAME),
            creation_time: since.map(timestamp).into(),
            slug: String::from(SLUG),
        })
    }
}

#[expect(refining_impl_trait_internal, reason = "each method names its message")]
impl OrganizationService for Organizations {
    async fn get_organization(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetOrganizationRequest>,
    ) -> ServiceResult<GetOrganizationResponse> {
        let user = user(&ctx)?;
        let id: OrganizationId = request.organization_id.parse().map_err(connect_error)?;
        if id != user.organization {
            return Err(connect_error(
                Error::not_found("no such organization").with_context("organization", id),
            ));
        }
        Response::ok(GetOrganizationResponse {
            organization: self.of(user).await?.into(),
        })
    }

    async fn list_organizations(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListOrganizationsRequest>,
    ) -> ServiceResult<ListOrganizationsResponse> {
        let all = vec![self.of(user(&ctx)?).await?];
        let request = request.to_owned_message();
        let (organizations, pagination) =
            page::slice(all, &request.pagination).map_err(connect_error)?;
        Response::ok(ListOrganizationsResponse {
            organizations,
            pagination: pagination.into(),
        })
    }
}

fn user(ctx: &RequestContext) -> Result<&User, ConnectError> {
    caller(ctx)?
        .user()
        .ok_or_else(|| connect_error(unauthenticated("nobody is signed in")))
}
