//! Styles and modules, embedded. Their address holds a hash of them all, so browsers may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use sha2::{Digest, Sha256};

const JS: &str = "text/javascript; charset=utf-8";

macro_rules! asset {
    ($name:literal, $kind:expr) => {
        ($name, $kind, include_str!(concat!("../../assets/", $name)))
    };
}

const FILES: [(&str, &str, &str); 13] = [
    asset!("dashboard.css", "text/css; charset=utf-8"),
    asset!("icon.svg", "image/svg+xml"),
    asset!("theme.js", JS),
    asset!("app.js", JS),
    asset!("api.js", JS),
    asset!("actions.js", JS),
    asset!("live.js", JS),
    asset!("morph.js", JS),
    asset!("clock.js", JS),
    asset!("logs.js", JS),
    asset!("ansi.js", JS),
    asset!("new.js", JS),
    asset!("prose.js", JS),
];

/// Identifies this build's files. Modules import each other by relative address, so they share one.
pub(super) static DIGEST: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (name, _, text) in FILES {
        hash.update(name);
        hash.update([0]);
        hash.update(text);
        hash.update([0]);
    }
    hex::encode(&hash.finalize()[..8])
});

pub(super) async fn file(Path((digest, name)): Path<(String, String)>) -> Response {
    let Some((_, kind, text)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A page of an older build still gets files that work, only not for ever.
    let keep = if digest == *DIGEST {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    ([(CONTENT_TYPE, *kind), (CACHE_CONTROL, keep)], *text).into_response()
}

pub(super) async fn icon() -> Response {
    file(Path((DIGEST.clone(), String::from("icon.svg")))).await
}
