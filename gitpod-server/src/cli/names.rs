//! Host names: `localhost` and every name below it is this machine, whatever the system's resolver thinks of it.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tower::Service;

use super::failure::Failure;

/// A connection that is not there after this will not come.
const CONNECT: Duration = Duration::from_secs(10);

/// Resolves host names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names;

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            if is_local(name.as_str()) {
                let addresses = vec![
                    SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                    SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
                ];
                return Ok(addresses.into_iter());
            }
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.collect::<Vec<_>>().into_iter())
        })
    }
}

/// Whether a name is this machine's own.
pub(super) fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Connects by these names, with TLS where the address says `https`.
pub(super) type Connector = HttpsConnector<HttpConnector<Names>>;

/// An HTTP client; with `h2`, one that speaks HTTP/2 from the first byte, as gRPC needs it.
///
/// With `secure` it trusts the authorities that this machine trusts (`SSL_CERT_FILE`, `SSL_CERT_DIR`, else the system's); they
/// are read for nothing when no address is `https`.
pub(super) fn client<B>(h2: bool, secure: bool) -> Result<Client<Connector, B>, Failure>
where
    B: hyper::body::Body + Send,
    B::Data: Send,
{
    let mut connector = HttpConnector::new_with_resolver(Names);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT));
    connector.enforce_http(false);
    let provider = rustls::crypto::ring::default_provider();
    let builder = if secure {
        HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)
            .map_err(|e| {
                Failure::io("this machine trusts no authority of certificates", &e).with_hint(
                    "install `ca-certificates`, or set SSL_CERT_FILE to the server's authority",
                )
            })?
    } else {
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(|e| Failure::failed(format!("cannot set up TLS: {e}")))?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        HttpsConnectorBuilder::new().with_tls_config(config)
    }
    .https_or_http();
    let connector = if h2 {
        builder.enable_http2().wrap_connector(connector)
    } else {
        builder.enable_http1().wrap_connector(connector)
    };
    Ok(Client::builder(TokioExecutor::new())
        .http2_only(h2)
        .build(connector))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_localhost_are_this_machine() {
        for local in [
            "localhost",
            "a-b-c.ws.localhost",
            "X.LOCALHOST",
            "localhost.",
        ] {
            assert!(is_local(local), "{local}");
        }
        for other in ["localhost.example", "notlocalhost", "127.0.0.1.example"] {
            assert!(!is_local(other), "{other}");
        }
    }
}
