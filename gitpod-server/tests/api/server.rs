//! A platform in memory behind a real listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use connectrpc::Protocol;
use connectrpc::client::{ClientConfig, HttpClient};
use gitpod_core::proto::gitpod::v1::WorkspaceServiceClient;
use gitpod_core::store::{Role, TokenKind, User};
use gitpod_core::{OrganizationId, UserId};
use gitpod_server::Platform;
use gitpod_server::api::router;
use gitpod_server::auth::{Authenticator, issue};
use gitpod_server::platform::{DEMO_REPOSITORY, Running};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    pub(crate) platform: Platform,
    pub(crate) address: SocketAddr,
    pub(crate) organization: OrganizationId,
    _running: Running,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let platform = Platform::in_memory().unwrap();
        let running = platform.spawn();
        let authenticator = Authenticator::new(
            Arc::clone(platform.identities()),
            Arc::clone(platform.clock()),
        );
        let router = router(platform.clone(), authenticator);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self {
            platform,
            address,
            organization: OrganizationId::random(),
            _running: running,
        }
    }

    pub(crate) async fn user(&self, name: &str, role: Role, blocked: bool) -> String {
        let now = self.platform.clock().now();
        let mut user = User::new(UserId::random(), self.organization, name, role, now);
        user.blocked = blocked;
        let identities = self.platform.identities();
        identities.put_user(&user).await.unwrap();
        let token = issue(&**identities, user.id, TokenKind::Personal, "t", now, None);
        token.await.unwrap().expose().clone()
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut request = Request::post(format!("http://{}{path}", self.address))
            .header("content-type", "application/json");
        for (key, value) in headers {
            request = request.header(*key, *value);
        }
        let body = Full::new(bytes::Bytes::from(body.to_string()));
        let response = client.request(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    pub(crate) async fn call(&self, token: &str, method: &str, body: &Value) -> Answer {
        let authorization = format!("Bearer {token}");
        let path = format!("/gitpod.v1.{method}");
        self.post(&path, &[("authorization", &authorization)], body)
            .await
    }

    pub(crate) fn client(
        &self,
        token: &str,
        protocol: Protocol,
    ) -> WorkspaceServiceClient<HttpClient> {
        let config = ClientConfig::new(format!("http://{}", self.address).parse().unwrap())
            .with_protocol(protocol)
            .with_default_header("authorization", format!("Bearer {token}"));
        let http = match protocol {
            Protocol::Grpc => HttpClient::plaintext_http2_only(),
            _ => HttpClient::plaintext(),
        };
        WorkspaceServiceClient::new(http, config)
    }

    pub(crate) async fn create(&self, token: &str) -> String {
        let body = json!({"contextUrl": {"url": DEMO_REPOSITORY, "editor": {"name": "terminal"}}});
        let answer = self
            .call(token, "WorkspaceService/CreateAndStartWorkspace", &body)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        answer.body["workspace"]["id"].as_str().unwrap().to_owned()
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("ok")
    }
}
