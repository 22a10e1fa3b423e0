//! `gitpod.v1.EnvironmentVariableService`: those of users. Those of projects and organizations come with projects.

use connectrpc::{ConnectError, RequestContext, Response, ServiceRequest, ServiceResult};
use gitpod_core::proto::gitpod::v1::{
    CreateConfigurationEnvironmentVariableRequest, CreateConfigurationEnvironmentVariableResponse,
    CreateOrganizationEnvironmentVariableRequest, CreateOrganizationEnvironmentVariableResponse,
    CreateUserEnvironmentVariableRequest, CreateUserEnvironmentVariableResponse,
    DeleteConfigurationEnvironmentVariableRequest, DeleteConfigurationEnvironmentVariableResponse,
    DeleteOrganizationEnvironmentVariableRequest, DeleteOrganizationEnvironmentVariableResponse,
    DeleteUserEnvironmentVariableRequest, DeleteUserEnvironmentVariableResponse,
    EnvironmentVariable, EnvironmentVariableService, ListConfigurationEnvironmentVariablesRequest,
    ListConfigurationEnvironmentVariablesResponse, ListOrganizationEnvironmentVariablesRequest,
    ListOrganizationEnvironmentVariablesResponse, ListUserEnvironmentVariablesRequest,
    ListUserEnvironmentVariablesResponse, ResolveWorkspaceEnvironmentVariablesRequest,
    ResolveWorkspaceEnvironmentVariablesResponse, UpdateConfigurationEnvironmentVariableRequest,
    UpdateConfigurationEnvironmentVariableResponse, UpdateOrganizationEnvironmentVariableRequest,
    UpdateOrganizationEnvironmentVariableResponse, UpdateUserEnvironmentVariableRequest,
    UpdateUserEnvironmentVariableResponse, UserEnvironmentVariable,
};
use gitpod_core::store::StoredVariable;
use gitpod_core::{Secret, VariableId, WorkspaceId};

use super::gate::caller;
use super::page;
use super::status::{connect_error, not_served};
use crate::Platform;
use crate::platform::VariableChange;

/// Environment variables of the caller.
#[derive(Debug)]
pub(super) struct Variables {
    platform: Platform,
}

impl Variables {
    pub(super) fn new(platform: Platform) -> Self {
        Self { platform }
    }
}

#[expect(refining_impl_trait_internal, reason = "each method names its message")]
impl EnvironmentVariableService for Variables {
    async fn list_user_environment_variables(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListUserEnvironmentVariablesRequest>,
    ) -> ServiceResult<ListUserEnvironmentVariablesResponse> {
        let request = request.to_owned_message();
        let pagination = request.pagination.into_option().unwrap_or_default();
        let all = self.platform.variables(caller(&ctx)?).await;
        let all = all.map_err(connect_error)?;
        let (some, answer) = page::slice(all, &pagination).map_err(connect_error)?;
        Response::ok(ListUserEnvironmentVariablesResponse {
            environment_variables: some.iter().map(message).collect(),
            pagination: answer.into(),
        })
    }

    async fn create_user_environment_variable(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateUserEnvironmentVariableRequest>,
    ) -> ServiceResult<CreateUserEnvironmentVariableResponse> {
        let request = request.to_owned_message();
        let (value, pattern) = (Secret::new(request.value), request.repository_pattern);
        let by = caller(&ctx)?;
        let created = self
            .platform
            .create_variable(by, &request.name, value, &pattern)
            .await
            .map_err(connect_error)?;
        Response::ok(CreateUserEnvironmentVariableResponse {
            environment_variable: message(&created).into(),
        })
    }

    async fn update_user_environment_variable(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateUserEnvironmentVariableRequest>,
    ) -> ServiceResult<UpdateUserEnvironmentVariableResponse> {
        let request = request.to_owned_message();
        let id = id(&request.environment_variable_id)?;
        let change = VariableChange {
            name: request.name,
            value: request.value.map(Secret::new),
            pattern: request.repository_pattern,
        };
        let updated = self.platform.update_variable(caller(&ctx)?, id, change);
        let updated = updated.await.map_err(connect_error)?;
        Response::ok(UpdateUserEnvironmentVariableResponse {
            environment_variable: message(&updated).into(),
        })
    }

    async fn delete_user_environment_variable(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteUserEnvironmentVariableRequest>,
    ) -> ServiceResult<DeleteUserEnvironmentVariableResponse> {
        let id = id(request.environment_variable_id)?;
        let deleted = self.platform.delete_variable(caller(&ctx)?, id).await;
        deleted.map_err(connect_error)?;
        Response::ok(DeleteUserEnvironmentVariableResponse {})
    }

    async fn resolve_workspace_environment_variables(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ResolveWorkspaceEnvironmentVariablesRequest>,
    ) -> ServiceResult<ResolveWorkspaceEnvironmentVariablesResponse> {
        let id = WorkspaceId::parse(request.workspace_id).map_err(connect_error)?;
        let variables = self.platform.workspace_variables(caller(&ctx)?, &id).await;
        let variables = variables.map_err(connect_error)?.into_iter();
        Response::ok(ResolveWorkspaceEnvironmentVariablesResponse {
            environment_variables: variables
                .map(|variable| EnvironmentVariable {
                    value: variable.value.expose().clone(),
                    name: variable.name,
                })
                .collect(),
        })
    }

    not_served! {
        list_configuration_environment_variables: ListConfigurationEnvironmentVariablesRequest => ListConfigurationEnvironmentVariablesResponse;
        update_configuration_environment_variable: UpdateConfigurationEnvironmentVariableRequest => UpdateConfigurationEnvironmentVariableResponse;
        create_configuration_environment_variable: CreateConfigurationEnvironmentVariableRequest => CreateConfigurationEnvironmentVariableResponse;
        delete_configuration_environment_variable: DeleteConfigurationEnvironmentVariableRequest => DeleteConfigurationEnvironmentVariableResponse;
        list_organization_environment_variables: ListOrganizationEnvironmentVariablesRequest => ListOrganizationEnvironmentVariablesResponse;
        update_organization_environment_variable: UpdateOrganizationEnvironmentVariableRequest => UpdateOrganizationEnvironmentVariableResponse;
        create_organization_environment_variable: CreateOrganizationEnvironmentVariableRequest => CreateOrganizationEnvironmentVariableResponse;
        delete_organization_environment_variable: DeleteOrganizationEnvironmentVariableRequest => DeleteOrganizationEnvironmentVariableResponse;
    }
}

/// With its value: only the user's own are told, and to the user alone.
fn message(variable: &StoredVariable) -> UserEnvironmentVariable {
    let pattern = variable.scope.pattern();
    UserEnvironmentVariable {
        id: variable.id.to_string(),
        name: variable.name.clone(),
        value: variable.value.expose().clone(),
        repository_pattern: pattern.map(ToString::to_string).unwrap_or_default(),
    }
}

fn id(text: &str) -> Result<VariableId, ConnectError> {
    text.parse().map_err(connect_error)
}
