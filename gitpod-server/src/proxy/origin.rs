//! Was a request that carries the owner's cookie made by a page we trust? Pure.
//!
//! All workspaces of an installation are *same-site* to each other (`*.ws.<host>`), so `SameSite` cookies alone would let the page
//! of one workspace act in another. Hence: what a cookie authorised must come from the same workspace, and what reaches an editor
//! or changes its state from the editor's own origin.

use http::header::{ORIGIN, REFERER};
use http::{HeaderMap, Method};
use url::Url;

use super::{Hosts, Target};

/// What a request is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Read, write or navigate.
    Request,
    /// Open a WebSocket.
    Upgrade,
}

/// Whether the page that made this request may use the owner's cookie on `target`.
///
/// # Behavior
/// * an `Origin` must be the target's own; on a port also that of another host of the same workspace (a web page on one port that
///   calls its API on another), but never on the editor, which is a shell;
/// * without `Origin`, what a browser marks as a sub-resource or frame from elsewhere (`Sec-Fetch-Site`) needs a `Referer` that
///   satisfies the same rule; links from anywhere may lead here;
/// * without either header it is no browser, and nobody can have tricked it.
pub(crate) fn is_trusted(
    hosts: &Hosts,
    target: &Target,
    method: &Method,
    headers: &HeaderMap,
    access: Access,
) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|v: &http::HeaderValue| v.to_str().unwrap_or("null"))
    };
    if let Some(origin) = text(ORIGIN) {
        let navigation = text_is(headers, "sec-fetch-mode", "navigate");
        // A link followed from elsewhere with GET carries no Origin; some browsers send `null` after redirects.
        let harmless =
            access == Access::Request && navigation && origin == "null" && is_safe(method);
        return harmless || comes_from(hosts, target, origin);
    }
    let foreign_site = ["same-site", "cross-site"]
        .iter()
        .any(|site| text_is(headers, "sec-fetch-site", site));
    if !foreign_site {
        return true;
    }
    let top_level = text_is(headers, "sec-fetch-mode", "navigate")
        && text_is(headers, "sec-fetch-dest", "document");
    if top_level && is_safe(method) && access == Access::Request {
        return true;
    }
    text(REFERER).is_some_and(|referer| comes_from(hosts, target, referer))
}

fn text_is(headers: &HeaderMap, name: &str, value: &str) -> bool {
    headers
        .get(name)
        .is_some_and(|v| v.as_bytes() == value.as_bytes())
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn comes_from(hosts: &Hosts, target: &Target, address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    // Behind a tunnel or a TLS terminator the port may differ; the name cannot be forged by a page.
    if !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    let Some(host) = url.host_str() else {
        return false;
    };
    let from = hosts.parse(host);
    match target {
        Target::Workspace(_) | Target::Platform => from == *target,
        Target::Port { workspace, .. } => from.workspace() == Some(workspace),
        Target::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    const EDITOR: &str = "http://amber-falcon-k3v9x2ab.ws.localhost:8080";
    const PORT: &str = "http://3000-amber-falcon-k3v9x2ab.ws.localhost:8080";
    const OTHER: &str = "http://3000-coral-otter-k3v9x2ab.ws.localhost:8080";

    fn trusted(to: &str, method: Method, access: Access, headers: &[(&str, &str)]) -> bool {
        let hosts = Hosts::new(&Url::parse("http://localhost:8080").unwrap()).unwrap();
        let target = hosts.parse(to.trim_start_matches("http://"));
        let headers = headers
            .iter()
            .map(|(k, v)| {
                (
                    HeaderName::try_from(*k).unwrap(),
                    HeaderValue::try_from(*v).unwrap(),
                )
            })
            .collect();
        is_trusted(&hosts, &target, &method, &headers, access)
    }

    #[test]
    fn an_editor_is_reached_from_its_own_page_only() {
        for access in [Access::Request, Access::Upgrade] {
            for (origin, expected) in [
                (EDITOR, true),
                (PORT, false),
                (OTHER, false),
                ("http://localhost:8080", false),
                ("https://evil.example", false),
                (
                    "http://amber-falcon-k3v9x2ab.ws.localhost.evil.example",
                    false,
                ),
                ("null", false),
                ("file://", false),
                (
                    "chrome-extension://amber-falcon-k3v9x2ab.ws.localhost",
                    false,
                ),
            ] {
                let got = trusted(EDITOR, Method::POST, access, &[("origin", origin)]);
                assert_eq!(got, expected, "{origin} {access:?}");
            }
        }
    }

    #[test]
    fn ports_of_one_workspace_may_call_each_other() {
        for (origin, expected) in [
            (EDITOR, true),
            (PORT, true),
            (OTHER, false),
            ("http://localhost:8080", false),
        ] {
            let to = "http://8080-amber-falcon-k3v9x2ab.ws.localhost:8080";
            assert_eq!(
                trusted(to, Method::POST, Access::Request, &[("origin", origin)]),
                expected,
                "{origin}"
            );
            assert_eq!(
                trusted(to, Method::GET, Access::Upgrade, &[("origin", origin)]),
                expected,
                "{origin}"
            );
        }
    }

    #[test]
    fn scripts_images_and_frames_of_other_workspaces_are_refused_but_links_work() {
        let sub = [
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-mode", "no-cors"),
        ];
        assert!(!trusted(PORT, Method::GET, Access::Request, &sub));
        let with = |referer| [sub[0], sub[1], ("referer", referer)];
        assert!(!trusted(
            PORT,
            Method::GET,
            Access::Request,
            &with("http://x.example/")
        ));
        assert!(trusted(PORT, Method::GET, Access::Request, &with(EDITOR)));
        let link = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        assert!(trusted(EDITOR, Method::GET, Access::Request, &link));
        let frame = [link[0], link[1], ("sec-fetch-dest", "iframe")];
        assert!(!trusted(EDITOR, Method::GET, Access::Request, &frame));
        assert!(!trusted(EDITOR, Method::POST, Access::Request, &link));
    }

    #[test]
    fn programs_and_own_pages_pass() {
        assert!(trusted(EDITOR, Method::POST, Access::Upgrade, &[]));
        assert!(trusted(
            EDITOR,
            Method::GET,
            Access::Request,
            &[("sec-fetch-site", "same-origin")]
        ));
        assert!(trusted(
            EDITOR,
            Method::GET,
            Access::Request,
            &[("sec-fetch-site", "none")]
        ));
    }
}
