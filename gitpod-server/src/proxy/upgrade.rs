//! WebSockets: after the handshake both ends are joined, byte for byte.

use http::header::{CONNECTION, HeaderMap, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional_with_sizes;

/// Bytes in flight per direction.
const BUFFER: usize = 16 * 1024;

/// What a request asks to upgrade to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Nothing.
    None,
    /// A WebSocket.
    WebSocket,
    /// Something that is not passed on.
    Other,
}

/// Reads the wish of a request.
pub(crate) fn wish(headers: &HeaderMap) -> Wish {
    let upgrades = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|token| token.trim().eq_ignore_ascii_case("upgrade"));
    let mut protocols = headers.get_all(UPGRADE).iter();
    match (upgrades, protocols.next(), protocols.next()) {
        (false, ..) | (true, None, _) => Wish::None,
        (true, Some(protocol), None) if protocol.as_bytes().eq_ignore_ascii_case(b"websocket") => {
            Wish::WebSocket
        }
        (true, ..) => Wish::Other,
    }
}

/// Joins both ends until one closes.
///
/// # Cancellation
/// Dropping the future closes both ends.
pub(crate) async fn join(client: OnUpgrade, server: OnUpgrade) {
    let (client, server) = match futures::future::try_join(client, server).await {
        Ok(both) => both,
        Err(error) => {
            tracing::debug!(%error, "a websocket ended before it began");
            return;
        }
    };
    let (mut client, mut server) = (TokioIo::new(client), TokioIo::new(server));
    // An error here is one end hanging up without the closing frame; both ends are closed by the drop.
    if let Err(error) =
        copy_bidirectional_with_sizes(&mut client, &mut server, BUFFER, BUFFER).await
    {
        tracing::debug!(%error, "a websocket broke");
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn reads_the_wish() {
        let wish_of = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            wish(&headers)
        };
        assert_eq!(wish_of(&[]), Wish::None);
        assert_eq!(wish_of(&[("upgrade", "websocket")]), Wish::None);
        assert_eq!(
            wish_of(&[
                ("connection", "keep-alive, Upgrade"),
                ("upgrade", "WebSocket")
            ]),
            Wish::WebSocket
        );
        assert_eq!(
            wish_of(&[("connection", "upgrade"), ("upgrade", "h2c")]),
            Wish::Other
        );
        assert_eq!(
            wish_of(&[
                ("connection", "upgrade"),
                ("upgrade", "websocket"),
                ("upgrade", "h2c")
            ]),
            Wish::Other
        );
    }
}
