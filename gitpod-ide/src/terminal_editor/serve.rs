use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::{any, delete, get};
use gitpod_core::{Chain, Error, ErrorKind, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::api::{self, Place};
use super::assets::Assets;
use super::link::Link;
use super::{Options, origin, socket};

#[derive(Debug, Clone)]
struct Page {
    assets: Arc<Assets>,
    link: Link,
    place: Place,
}

impl FromRef<Page> for Arc<Assets> {
    fn from_ref(page: &Page) -> Self {
        Self::clone(&page.assets)
    }
}

impl FromRef<Page> for Link {
    fn from_ref(page: &Page) -> Self {
        page.link.clone()
    }
}

impl FromRef<Page> for Place {
    fn from_ref(page: &Page) -> Self {
        page.place.clone()
    }
}

/// The page and everything it asks for, for a listener of one's own.
///
/// # Errors
/// `Unavailable`: the page is not in `options.assets`.
pub fn router(options: &Options, var: impl Fn(&str) -> Option<String>) -> Result<Router> {
    let link = Link::new(options.supervisor)
        .map_err(|error| Error::unexpected("cannot address the supervisor").with_source(error))?;
    let page = Page {
        assets: Arc::new(Assets::list(&options.assets)?),
        link,
        place: Place::from_env(var),
    };
    Ok(Router::<Page>::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/api/workspace", get(api::workspace))
        .route("/api/terminals", get(api::list).post(api::open))
        .route("/api/terminals/{alias}", delete(api::close))
        .route("/api/terminals/{alias}/socket", any(socket::upgrade))
        .fallback(get(file))
        .layer(middleware::from_fn(origin::check))
        .with_state(page))
}

async fn file(State(assets): State<Arc<Assets>>, request: Request) -> Response {
    assets.get(request.uri().path()).await
}

/// The whole program `supervisor terminal-editor`, after its name: serves until it is told to end.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Options::parse(args).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The supervisor keeps what its editor says; if even that is closed there is nobody to tell.
            let hint = error
                .hint()
                .map(|hint| format!("\n{hint}"))
                .unwrap_or_default();
            let _ = writeln!(io::stderr(), "terminal-editor: {}{hint}", Chain(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let failed = |message: &str, error: io::Error| {
        Error::new(ErrorKind::Unavailable, message)
            .with_context("address", options.listen)
            .with_source(error)
    };
    // One thread: it only carries bytes, and every workspace has one of these.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed("cannot start the terminal editor", error))?
        .block_on(async {
            let app = router(options, |name| std::env::var(name).ok())?;
            let mut end = signal(SignalKind::terminate())
                .map_err(|error| failed("cannot wait for signals", error))?;
            let listener = TcpListener::bind(options.listen)
                .await
                .map_err(|error| failed("cannot listen", error))?;
            // Open terminals belong to the supervisor: nothing is lost by ending at once.
            tokio::select! {
                ended = async { axum::serve(listener, app).await } => ended.map_err(|error| failed("cannot serve", error)),
                _ = end.recv() => Ok(()),
            }
        })
}
