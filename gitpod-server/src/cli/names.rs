//! Host names: `localhost` and every name below it is this machine, whatever the system's resolver thinks of it.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use tower::Service;

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

fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Connects by these names.
pub(super) type Connector = HttpConnector<Names>;

/// An HTTP client; with `h2`, one that speaks HTTP/2 from the first byte, as gRPC needs it.
pub(super) fn client<B>(h2: bool) -> Client<Connector, B>
where
    B: hyper::body::Body + Send,
    B::Data: Send,
{
    let mut connector = HttpConnector::new_with_resolver(Names);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT));
    Client::builder(TokioExecutor::new())
        .http2_only(h2)
        .build(connector)
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
