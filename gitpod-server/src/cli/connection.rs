use connectrpc::client::{ClientBody, ClientConfig, ServiceTransport};
use gitpod_core::proto::gitpod::v1::{
    EnvironmentVariableServiceClient, GetWorkspaceOwnerTokenRequest, GetWorkspaceRequest,
    UserServiceClient, Workspace, WorkspaceServiceClient,
};
use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::Client;
use tonic::metadata::MetadataValue;
use url::Url;

use super::arguments::Global;
use super::credentials::Credentials;
use super::failure::{Exit, Failure};
use super::names::{self, Connector};

/// Where a server is when nobody says.
const USUAL: &str = "http://localhost:8080";
/// Opens a workspace's supervisor through the proxy.
const OWNER_TOKEN: &str = "x-gitpod-owner-token";

type Transport = ServiceTransport<Client<Connector, ClientBody>>;
/// Speaks gRPC to a workspace's supervisor.
pub(super) type SupervisorTransport = Client<Connector, tonic::body::Body>;

/// A server, and who we are to it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) host: Url,
    token: Option<String>,
}

/// The supervisor of a running workspace.
#[derive(Debug)]
pub(super) struct Supervisor {
    pub(super) transport: SupervisorTransport,
    pub(super) origin: Uri,
    token: MetadataValue<tonic::metadata::Ascii>,
}

impl Connection {
    /// As the options, the environment and the last login say.
    pub(super) fn open(global: &Global) -> Result<Self, Failure> {
        let credentials = Credentials::load()?;
        let host = match global.host.as_deref().or_else(|| credentials.host()) {
            Some(host) => parse_host(host)?,
            None => parse_host(USUAL)?,
        };
        let token = match &global.token {
            Some(token) => Some(token.trim().to_owned()),
            None => credentials.token(&host).map(ToOwned::to_owned),
        };
        Ok(Self { host, token })
    }

    /// With another token.
    pub(super) fn with_token(mut self, token: String) -> Self {
        self.token = Some(token);
        self
    }

    pub(super) fn workspaces(&self) -> Result<WorkspaceServiceClient<Transport>, Failure> {
        let (transport, config) = self.parts()?;
        Ok(WorkspaceServiceClient::new(transport, config))
    }

    pub(super) fn users(&self) -> Result<UserServiceClient<Transport>, Failure> {
        let (transport, config) = self.parts()?;
        Ok(UserServiceClient::new(transport, config))
    }

    pub(super) fn variables(&self) -> Result<EnvironmentVariableServiceClient<Transport>, Failure> {
        let (transport, config) = self.parts()?;
        Ok(EnvironmentVariableServiceClient::new(transport, config))
    }

    /// One workspace.
    pub(super) async fn workspace(&self, id: &str) -> Result<Workspace, Failure> {
        let request = GetWorkspaceRequest {
            workspace_id: id.to_owned(),
        };
        let answer = self.workspaces()?.get_workspace(request).await?;
        let workspace = answer.into_owned().workspace.into_option();
        workspace.ok_or_else(|| Failure::failed("the server's answer holds no workspace"))
    }

    /// The supervisor of a running workspace, reached as any other client reaches it: with the owner token, through the proxy.
    pub(super) async fn supervisor(&self, workspace: &Workspace) -> Result<Supervisor, Failure> {
        let request = GetWorkspaceOwnerTokenRequest {
            workspace_id: workspace.id.clone(),
        };
        let answer = self
            .workspaces()?
            .get_workspace_owner_token(request)
            .await?;
        let token = MetadataValue::try_from(answer.into_owned().owner_token)
            .map_err(|_| Failure::failed("the server's owner token is not one"))?;
        let origin: Uri = workspace
            .status
            .workspace_url
            .trim_end_matches('/')
            .parse()
            .map_err(|_| Failure::failed("the server told no address of the workspace"))?;
        Ok(Supervisor {
            transport: names::client(true, origin.scheme() == Some(&Scheme::HTTPS))?,
            origin,
            token,
        })
    }

    fn parts(&self) -> Result<(Transport, ClientConfig), Failure> {
        let Some(token) = &self.token else {
            return Err(Failure::new(
                Exit::Denied,
                format!("you are not signed in to {}", self.host),
            )
            .with_hint("`gitpod login`, or set GITPOD_TOKEN"));
        };
        let mut bearer = http::HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| {
            Failure::new(Exit::Denied, "the token holds characters that no token has")
        })?;
        bearer.set_sensitive(true);
        let base = self
            .host
            .as_str()
            .parse()
            .map_err(|_| Failure::new(Exit::Usage, "the host is not an address"))?;
        let config =
            ClientConfig::new(base).with_default_header(http::header::AUTHORIZATION, bearer);
        let client = names::client(false, self.host.scheme() == "https")?;
        Ok((ServiceTransport::new(client), config))
    }
}

impl Supervisor {
    /// A request that the proxy lets through.
    pub(super) fn request<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request
            .metadata_mut()
            .insert(OWNER_TOKEN, self.token.clone());
        request
    }
}

/// A server's address. A scheme may be left out: then it is `http` for this machine, and `https` for all others, so that no token
/// goes over a network in the clear by mistake.
pub(super) fn parse_host(text: &str) -> Result<Url, Failure> {
    let text = text.trim();
    let full = if text.contains("://") {
        text.to_owned()
    } else {
        let host = text.split(['/', ':']).next().unwrap_or_default();
        let local = names::is_local(host) || host == "127.0.0.1" || text.starts_with("[::1]");
        format!("{}://{text}", if local { "http" } else { "https" })
    };
    let usage = |why: &str| {
        Failure::new(Exit::Usage, format!("{why}: {text}"))
            .with_hint("give an address such as https://gitpod.example or http://localhost:8080")
    };
    let url = Url::parse(&full).map_err(|_| usage("the host is not an address"))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        _ => Err(usage("the host is not an http or https address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_may_be_left_out() {
        assert_eq!(
            parse_host("localhost:1234/").unwrap().as_str(),
            "http://localhost:1234/"
        );
        assert_eq!(
            parse_host("gitpod.example").unwrap().as_str(),
            "https://gitpod.example/"
        );
        assert_eq!(parse_host("127.0.0.1:80").unwrap().scheme(), "http");
        assert_eq!(parse_host("ftp://x").unwrap_err().exit, Exit::Usage);
        assert_eq!(parse_host("http://").unwrap_err().exit, Exit::Usage);
    }
}
