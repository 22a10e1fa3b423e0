//! A whole installation in memory, behind a real listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use gitpod_content::memory::{MemoryRepositories, MemoryRepository};
use gitpod_core::access::Principal;
use gitpod_core::store::{Role, TokenKind, User};
use gitpod_core::workspace::{Phase, Sequence, SupervisorFacts, Workspace};
use gitpod_core::{InstanceId, OrganizationId, Timestamp, UserId, WorkspaceId};
use gitpod_runtime::memory::MemoryRuntime;
use gitpod_server::auth::{self, Authenticator};
use gitpod_server::platform::Running;
use gitpod_server::proxy::{Hosts, Proxy};
use gitpod_server::store::MemoryStore;
use gitpod_server::supervision::Supervision;
use gitpod_server::{CreateWorkspace, Platform, dashboard};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use url::Url;

pub(crate) const REPOSITORY: &str = "https://git.example/web/app";

const GITPOD_YML: &str = "\
ports:
  - port: 3000
    visibility: public
  - port: 22999
    visibility: public
";

/// What the supervisors inside say; tests change it.
#[derive(Debug)]
struct Said(watch::Receiver<SupervisorFacts>);

impl Supervision for Said {
    fn watch(&self, _: InstanceId) -> BoxStream<'static, SupervisorFacts> {
        WatchStream::new(self.0.clone()).boxed()
    }
}

pub(crate) struct World {
    pub(crate) said: watch::Sender<SupervisorFacts>,
    pub(crate) platform: Platform,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) runtime: MemoryRuntime,
    pub(crate) proxy: Proxy,
    pub(crate) hosts: Hosts,
    pub(crate) address: SocketAddr,
    pub(crate) owner: Principal,
    _running: Running,
}

impl World {
    pub(crate) async fn new() -> Self {
        let runtime = MemoryRuntime::default();
        let mut facts = SupervisorFacts::default();
        facts.editor.ready = true;
        let (said, listening) = watch::channel(facts);
        let repository = MemoryRepository::new().with_file(".gitpod.yml", GITPOD_YML);
        let repositories =
            Arc::new(MemoryRepositories::new().with_repository(REPOSITORY, repository));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let public_url = Url::parse(&format!("http://localhost:{}", address.port())).unwrap();
        let store = Arc::new(MemoryStore::default());
        let platform = Platform::in_memory_builder()
            .store(Arc::clone(&store) as _)
            .runtime(Arc::new(runtime.clone()))
            .supervision(Arc::new(Said(listening)))
            .initializer(Arc::clone(&repositories) as _)
            .resolver(repositories)
            .public_url(public_url.clone())
            .build()
            .unwrap();
        let running = platform.spawn();
        let hosts = Hosts::new(&public_url).unwrap();
        let proxy = Proxy::new(platform.clone(), hosts.clone());
        let authenticator = Authenticator::new(
            Arc::clone(platform.identities()),
            Arc::clone(platform.clock()),
        );
        let router = proxy.dispatch(dashboard::router(
            platform.clone(),
            authenticator,
            proxy.clone(),
        ));
        tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).await.unwrap();
        });
        let mut world = Self {
            said,
            platform,
            store,
            runtime,
            proxy,
            hosts,
            address,
            owner: Principal::Anonymous,
            _running: running,
        };
        world.owner = world.user("ada").await;
        world
    }

    pub(crate) async fn user(&self, name: &str) -> Principal {
        let user = User::new(
            UserId::random(),
            OrganizationId::random(),
            name,
            Role::Member,
            Timestamp::now(),
        );
        self.platform.identities().put_user(&user).await.unwrap();
        Principal::User(user)
    }

    /// A token of this kind for a user.
    pub(crate) async fn token(&self, of: &Principal, kind: TokenKind) -> String {
        let Principal::User(user) = of else {
            panic!("only users have tokens")
        };
        let (identities, clock) = (self.platform.identities(), self.platform.clock());
        let token = auth::issue(&**identities, user.id, kind, "test", clock.now(), None)
            .await
            .unwrap();
        token.expose().clone()
    }

    /// The `Cookie` header of a signed-in user.
    pub(crate) async fn session(&self, of: &Principal) -> String {
        let token = self.token(of, TokenKind::Session).await;
        format!("{}session_={token}", self.hosts.cookie_prefix())
    }

    /// A running workspace of the owner.
    pub(crate) async fn workspace(&self) -> Inside {
        let workspace = self
            .platform
            .create(&self.owner, CreateWorkspace::new(REPOSITORY))
            .await
            .unwrap();
        self.inside(&workspace.id).await
    }

    /// Stops and starts it again: another instance, with another token.
    pub(crate) async fn restart(&self, inside: &Inside) -> Inside {
        self.platform.stop(&self.owner, &inside.id).await.unwrap();
        self.until(&inside.id, Phase::Stopped).await;
        self.platform.start(&self.owner, &inside.id).await.unwrap();
        self.inside(&inside.id).await
    }

    async fn inside(&self, id: &WorkspaceId) -> Inside {
        let workspace = self.until(id, Phase::Running).await;
        let instance = workspace.status.instance.unwrap();
        Inside {
            id: workspace.id,
            instance: instance.id,
            token: instance.owner_token.expose().clone(),
        }
    }

    pub(crate) async fn until(&self, id: &WorkspaceId, phase: Phase) -> Workspace {
        self.until_it(id, |workspace| workspace.status.phase == phase)
            .await
    }

    pub(crate) async fn until_it(
        &self,
        id: &WorkspaceId,
        holds: impl Fn(&Workspace) -> bool,
    ) -> Workspace {
        let waiting = async {
            let mut events = self.platform.subscribe(&Principal::System, Sequence(0));
            loop {
                let workspace = self.platform.get(&Principal::System, id).await.unwrap();
                if holds(&workspace) {
                    return workspace;
                }
                events.next().await.unwrap().unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting)
            .await
            .expect("it comes about in time")
    }

    /// `Host` header of the platform.
    pub(crate) fn platform_host(&self) -> String {
        self.hosts.authority()
    }

    /// `Host` header of a workspace's editor.
    pub(crate) fn editor_host(&self, inside: &Inside) -> String {
        host_of(&self.hosts.workspace_url(&inside.id))
    }

    /// `Host` header of a workspace's port.
    pub(crate) fn port_host(&self, inside: &Inside, port: u16) -> String {
        host_of(&self.hosts.port_url(&inside.id, port))
    }
}

/// A running workspace.
pub(crate) struct Inside {
    pub(crate) id: WorkspaceId,
    pub(crate) instance: InstanceId,
    pub(crate) token: String,
}

fn host_of(origin: &str) -> String {
    origin.trim_start_matches("http://").to_owned()
}
