//! What changes on the way: headers of requests into an instance, and of answers out of it.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{
    CONNECTION, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderValue, TE, UPGRADE, X_FRAME_OPTIONS,
};
use http::{Request, Response, StatusCode};

use super::dispatch::Inner;
use super::upstream::Speak;
use super::{Target, cookies, headers};

impl Inner {
    /// Makes a request fit for user code: nothing of ours in it, nothing forged.
    pub(super) fn rewrite(&self, request: &mut Request<Body>, host: HeaderValue, speak: Speak) {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip());
        let map = request.headers_mut();
        headers::strip_hop_by_hop(map);
        cookies::strip_request(map, self.hosts.cookie_prefix());
        headers::set_forwarded(
            map,
            &self.hosts,
            &host,
            peer.map(|peer| peer.to_canonical()),
        );
        map.insert(HOST, host);
        if speak == Speak::Http2 {
            // gRPC servers refuse clients that do not announce to understand trailers.
            map.insert(TE, HeaderValue::from_static("trailers"));
        }
    }

    /// Makes an answer fit for the browser.
    pub(super) fn clean(&self, target: &Target, response: &mut Response<Body>) {
        let upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let map = response.headers_mut();
        headers::strip_hop_by_hop(map);
        if upgraded {
            set_upgrade(map);
        }
        cookies::strip_response(map, self.hosts.cookie_prefix(), &self.hosts.name_of(target));
        match target {
            // An editor is a shell: nobody may lay it under their own page. Policies add up, so this only narrows.
            Target::Workspace(_) => {
                map.append(
                    CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static("frame-ancestors 'self'"),
                );
            }
            // Editors show ports in a preview frame; frames from elsewhere get no cookie and no access.
            Target::Port { .. } | Target::Platform | Target::Unknown => {
                map.remove(X_FRAME_OPTIONS);
            }
        }
    }
}

/// Says that this connection becomes a WebSocket.
pub(super) fn set_upgrade(map: &mut HeaderMap) {
    map.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    map.insert(UPGRADE, HeaderValue::from_static("websocket"));
}
