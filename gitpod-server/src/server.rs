//! The reference server: a platform of reference backends behind one listener.

mod lock;

use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::{Clock, Error, ErrorKind, Result, SystemClock};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::auth::{FirstRun, bootstrap, sign_in_link};
use crate::config::Config;
use crate::platform::{Running, pages};
use crate::proxy::{Hosts, Proxy};
use crate::store::SqliteStore;
use crate::{Platform, assemble};

/// Requests under way get this long to end when the server is told to.
const GRACE: Duration = Duration::from_secs(5);

/// A server at work.
#[derive(Debug)]
pub struct Server {
    /// Its platform, for callers in this process.
    pub platform: Platform,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where browsers reach it.
    pub public_url: Url,
    /// Who may sign in first.
    pub first_run: FirstRun,
    store: Arc<SqliteStore>,
    running: Running,
    proxy: Proxy,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    _lock: lock::DataDirLock,
}

impl Server {
    /// Opens the data directory, takes up what an earlier server left, and listens.
    ///
    /// # Errors
    /// `ConfigInvalid`, another server uses the data directory, the address is taken, or a backend cannot be opened.
    pub async fn start(config: Config) -> Result<Self> {
        config.validate()?;
        let lock = prepare_data_dir(&config)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(assemble::open_store(&config, Arc::clone(&clock)).await?);
        let first_run = bootstrap(&*store, &*clock, &config.data_dir).await?;
        let listener = listen(config.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|e| Error::unexpected("cannot read the listener's address").with_source(e))?;
        let public_url = config.public_url(address)?;
        let hosts = Hosts::new(&public_url)?;
        let platform =
            assemble::platform(&config, public_url.clone(), Arc::clone(&store), clock).await?;
        let running = platform.spawn();
        let proxy = Proxy::new(platform.clone(), hosts);
        let router = proxy.dispatch(pages(&platform, &proxy));
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let serving = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service)
                .with_graceful_shutdown(stopping.cancelled_owned())
                .await
        });
        Ok(Self {
            platform,
            address,
            public_url,
            first_run,
            store,
            running,
            proxy,
            stop,
            serving,
            _lock: lock,
        })
    }

    /// A link that signs the administrator in once and then shows `next`.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn sign_in_link(&self, next: &str) -> Result<Url> {
        let user = self.first_run.administrator.id;
        sign_in_link(
            &*self.store,
            &**self.platform.clock(),
            &self.public_url,
            user,
            next,
        )
        .await
    }

    /// Ends the server in an orderly way. Running workspaces go on; the next server finds them again.
    ///
    /// # Errors
    /// The listener had failed.
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.proxy.close().await;
        self.running.drain().await;
        let mut serving = self.serving;
        let served = tokio::time::timeout(GRACE, &mut serving).await;
        self.store.close().await;
        match served {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(e))) => Err(Error::unexpected("the listener failed").with_source(e)),
            Ok(Err(e)) => Err(Error::unexpected("the listener ended early").with_source(e)),
            // Streams that never end (events, logs) are cut; their readers resume.
            Err(_) => {
                serving.abort();
                Ok(())
            }
        }
    }
}

/// Makes the data directory, for this process' user alone, and takes it.
fn prepare_data_dir(config: &Config) -> Result<lock::DataDirLock> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data_dir)
        .map_err(|e| {
            Error::new(
                ErrorKind::PermissionDenied,
                "cannot make the data directory",
            )
            .with_context("path", config.data_dir.display())
            .with_hint("name one you may write to: `--data-dir`")
            .with_source(e)
        })?;
    lock::DataDirLock::take(&config.data_dir)
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| {
        let hint = if e.kind() == std::io::ErrorKind::AddrInUse {
            "another program listens there; choose another address: `--listen`"
        } else {
            "choose another address: `--listen`"
        };
        Error::new(ErrorKind::Unavailable, "cannot listen")
            .with_context("address", address)
            .with_hint(hint)
            .with_source(e)
    })
}
