use Callers::{Administrators, Members};

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Everybody who is signed in and not blocked.
    Members,
    /// Administrators of the installation.
    Administrators,
}

/// A method of the public API, and who may call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Method {
    /// `package.Service/Method`.
    pub path: &'static str,
    /// Who may call it.
    pub callers: Callers,
    /// Whether this version does it; if not, those who may call it are told so.
    pub served: bool,
}

const fn served(path: &'static str, callers: Callers) -> Method {
    Method {
        path,
        callers,
        served: true,
    }
}

const fn later(path: &'static str, callers: Callers) -> Method {
    Method {
        path,
        callers,
        served: false,
    }
}

/// Every method there is.
pub const METHODS: &[Method] = &[
    served("gitpod.v1.WorkspaceService/GetWorkspace", Members),
    served("gitpod.v1.WorkspaceService/WatchWorkspaceStatus", Members),
    served("gitpod.v1.WorkspaceService/ListWorkspaces", Members),
    later("gitpod.v1.WorkspaceService/ListWorkspaceSessions", Members),
    served(
        "gitpod.v1.WorkspaceService/CreateAndStartWorkspace",
        Members,
    ),
    served("gitpod.v1.WorkspaceService/StartWorkspace", Members),
    served("gitpod.v1.WorkspaceService/UpdateWorkspace", Members),
    served("gitpod.v1.WorkspaceService/StopWorkspace", Members),
    served("gitpod.v1.WorkspaceService/DeleteWorkspace", Members),
    served("gitpod.v1.WorkspaceService/ListWorkspaceClasses", Members),
    served("gitpod.v1.WorkspaceService/ParseContextURL", Members),
    served(
        "gitpod.v1.WorkspaceService/GetWorkspaceDefaultImage",
        Members,
    ),
    served("gitpod.v1.WorkspaceService/SendHeartBeat", Members),
    served("gitpod.v1.WorkspaceService/GetWorkspaceOwnerToken", Members),
    served("gitpod.v1.WorkspaceService/GetWorkspaceTaskOutput", Members),
    later(
        "gitpod.v1.WorkspaceService/GetWorkspaceEditorCredentials",
        Members,
    ),
    later(
        "gitpod.v1.WorkspaceService/CreateWorkspaceSnapshot",
        Members,
    ),
    later(
        "gitpod.v1.WorkspaceService/WaitForWorkspaceSnapshot",
        Members,
    ),
    served("gitpod.v1.WorkspaceService/UpdateWorkspacePort", Members),
    served("gitpod.v1.OrganizationService/GetOrganization", Members),
    served("gitpod.v1.OrganizationService/ListOrganizations", Members),
    served("gitpod.v1.UserService/GetAuthenticatedUser", Members),
    later("gitpod.v1.UserService/UpdateUser", Members),
    later(
        "gitpod.v1.UserService/SetWorkspaceAutoStartOptions",
        Members,
    ),
    later("gitpod.v1.UserService/DeleteUser", Members),
    later("gitpod.v1.UserService/VerifyUser", Administrators),
    later("gitpod.v1.UserService/BlockUser", Administrators),
    later("gitpod.v1.UserService/ListUsers", Administrators),
    later("gitpod.v1.UserService/GetUser", Administrators),
    later(
        "gitpod.v1.UserService/SetRolesOrPermissions",
        Administrators,
    ),
    served(
        "gitpod.v1.EnvironmentVariableService/ListUserEnvironmentVariables",
        Members,
    ),
    served(
        "gitpod.v1.EnvironmentVariableService/UpdateUserEnvironmentVariable",
        Members,
    ),
    served(
        "gitpod.v1.EnvironmentVariableService/CreateUserEnvironmentVariable",
        Members,
    ),
    served(
        "gitpod.v1.EnvironmentVariableService/DeleteUserEnvironmentVariable",
        Members,
    ),
    later(
        "gitpod.v1.EnvironmentVariableService/ListConfigurationEnvironmentVariables",
        Members,
    ),
    later(
        "gitpod.v1.EnvironmentVariableService/UpdateConfigurationEnvironmentVariable",
        Members,
    ),
    later(
        "gitpod.v1.EnvironmentVariableService/CreateConfigurationEnvironmentVariable",
        Members,
    ),
    later(
        "gitpod.v1.EnvironmentVariableService/DeleteConfigurationEnvironmentVariable",
        Members,
    ),
    later(
        "gitpod.v1.EnvironmentVariableService/ListOrganizationEnvironmentVariables",
        Members,
    ),
    later(
        "gitpod.v1.EnvironmentVariableService/UpdateOrganizationEnvironmentVariable",
        Members,
    ),
    later(
        "gitpod.v1.EnvironmentVariableService/CreateOrganizationEnvironmentVariable",
        Members,
    ),
    later(
        "gitpod.v1.EnvironmentVariableService/DeleteOrganizationEnvironmentVariable",
        Members,
    ),
    served(
        "gitpod.v1.EnvironmentVariableService/ResolveWorkspaceEnvironmentVariables",
        Members,
    ),
    served(
        "gitpod.experimental.v1.EditorService/ListEditorOptions",
        Members,
    ),
];

/// The declaration of a method, by its path with or without a leading slash.
pub(super) fn find(path: &str) -> Option<&'static Method> {
    let path = path.strip_prefix('/').unwrap_or(path);
    METHODS.iter().find(|method| method.path == path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_method_is_declared_once() {
        let paths: BTreeSet<_> = METHODS.iter().map(|method| method.path).collect();
        assert_eq!(paths.len(), METHODS.len());
        assert!(find("/gitpod.v1.UserService/ListUsers").is_some());
        assert!(find("gitpod.v1.UserService/Nope").is_none());
    }
}
