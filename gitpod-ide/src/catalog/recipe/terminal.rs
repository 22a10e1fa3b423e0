//! The terminal editor: our page, and xterm.js from npm.

use gitpod_core::Result;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Bench, files};
use crate::catalog::npm::{Tarball, blocking};
use crate::catalog::{Progress, unpack};

/// Of the package: that of the page, which moves with this crate.
pub(in crate::catalog) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Raised when the steps below change their result for the same inputs.
const REVISION: &str = "1";

const TARBALLS: [Tarball; 2] = [
    Tarball {
        name: "@xterm/xterm",
        version: "6.0.0",
        integrity: "sha512-TQwDdQGtwwDt+2cgKDLn0IRaSxYu1tSUjgKarSDkUM0ZNiSRXFpjxEsvc/Zgc5kq5omJ+V0a8/kIM2WD3sMOYg==",
    },
    Tarball {
        name: "@xterm/addon-fit",
        version: "0.11.0",
        integrity: "sha512-jYcgT6xtVYhnhgxh3QgYDnnNMYTcf8ElbxxFzX0IZo+vabQqSPAjC3c1wJrKB5E19VwQei89QCiZZP86DCPF7g==",
    },
];

/// What is taken out of the tarballs, in their order; the rest is source maps and a second build.
const TAKEN: [&[(&str, &str)]; 2] = [
    &[
        ("lib/xterm.mjs", "page/vendor/xterm.mjs"),
        ("css/xterm.css", "page/vendor/xterm.css"),
        ("LICENSE", "licenses/xterm.txt"),
    ],
    &[
        ("lib/addon-fit.mjs", "page/vendor/addon-fit.mjs"),
        ("LICENSE", "licenses/addon-fit.txt"),
    ],
];

/// Our page.
const PAGE: [(&str, &str); 6] = [
    (
        "index.html",
        include_str!("../../../assets/terminal/index.html"),
    ),
    (
        "style.css",
        include_str!("../../../assets/terminal/style.css"),
    ),
    (
        "main.mjs",
        include_str!("../../../assets/terminal/main.mjs"),
    ),
    (
        "session.mjs",
        include_str!("../../../assets/terminal/session.mjs"),
    ),
    (
        "theme.mjs",
        include_str!("../../../assets/terminal/theme.mjs"),
    ),
    (
        "icon.svg",
        include_str!("../../../assets/terminal/icon.svg"),
    ),
];

/// Everything that decides what the package contains.
pub(in crate::catalog) fn fingerprint(hash: &mut Sha256) {
    hash.update(REVISION);
    for tarball in &TARBALLS {
        tarball.fingerprint(hash);
    }
    for (name, text) in PAGE {
        hash.update(name);
        hash.update(text);
    }
    hash.update(config().to_string());
}

pub(in crate::catalog) async fn build(bench: &Bench<'_>, progress: &dyn Progress) -> Result<()> {
    for (tarball, taken) in TARBALLS.iter().zip(TAKEN) {
        progress.step(&format!("fetching {} {}", tarball.name, tarball.version));
        let dir = bench.scratch.join(tarball.name.replace('/', "-"));
        let (download, unpacked) = (dir.join("download"), dir.join("unpacked"));
        for dir in [&download, &unpacked] {
            std::fs::create_dir_all(dir)
                .map_err(|error| files::failed("cannot prepare a download", dir, error))?;
        }
        let archive = bench.npm.fetch(tarball, &download).await?;
        let package = bench.package.to_owned();
        blocking(move || {
            unpack::unpack(&archive, &unpacked, 1)?;
            for (from, to) in taken {
                files::rename(&unpacked.join(from), &package.join(to))?;
            }
            Ok(())
        })
        .await?;
    }
    for (name, text) in PAGE {
        files::write(&bench.package.join("page").join(name), text.as_bytes())?;
    }
    let place = bench.package.join("supervisor-ide-config.json");
    files::write(&place, format!("{:#}\n", config()).as_bytes())
}

fn config() -> serde_json::Value {
    json!({
        "name": "terminal",
        "displayName": "Terminal",
        "version": VERSION,
        "entrypoint": "/.supervisor/supervisor",
        "entrypointArgs": ["terminal-editor", "--port", "{IDEPORT}", "--assets", "/ide/page"],
        "readinessProbe": { "type": "http", "http": { "path": "/healthz" } },
    })
}
