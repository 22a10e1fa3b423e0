use connectrpc::{RequestContext, Response, ServiceRequest, ServiceResult};
use gitpod_core::proto::gitpod::v1::{
    BlockUserRequest, BlockUserResponse, DeleteUserRequest, DeleteUserResponse,
    GetAuthenticatedUserRequest, GetAuthenticatedUserResponse, GetUserRequest, GetUserResponse,
    ListUsersRequest, ListUsersResponse, SetRolesOrPermissionsRequest,
    SetRolesOrPermissionsResponse, SetWorkspaceAutoStartOptionsRequest,
    SetWorkspaceAutoStartOptionsResponse, UpdateUserRequest, UpdateUserResponse, UserService,
    VerifyUserRequest, VerifyUserResponse,
};

use super::convert::user_message;
use super::gate::caller;
use super::status::{connect_error, not_served};
use crate::auth::unauthenticated;

/// The caller, and for administrators everybody else.
#[derive(Debug)]
pub(super) struct Users;

#[expect(refining_impl_trait_internal, reason = "each method names its message")]
impl UserService for Users {
    async fn get_authenticated_user(
        &self,
        ctx: RequestContext,
        _: ServiceRequest<'_, GetAuthenticatedUserRequest>,
    ) -> ServiceResult<GetAuthenticatedUserResponse> {
        let user = caller(&ctx)?
            .user()
            .ok_or_else(|| connect_error(unauthenticated("nobody is signed in")))?;
        Response::ok(GetAuthenticatedUserResponse {
            user: user_message(user).into(),
        })
    }

    not_served! {
        update_user: UpdateUserRequest => UpdateUserResponse;
        set_workspace_auto_start_options: SetWorkspaceAutoStartOptionsRequest => SetWorkspaceAutoStartOptionsResponse;
        delete_user: DeleteUserRequest => DeleteUserResponse;
        verify_user: VerifyUserRequest => VerifyUserResponse;
        block_user: BlockUserRequest => BlockUserResponse;
        list_users: ListUsersRequest => ListUsersResponse;
        get_user: GetUserRequest => GetUserResponse;
        set_roles_or_permissions: SetRolesOrPermissionsRequest => SetRolesOrPermissionsResponse;
    }
}
