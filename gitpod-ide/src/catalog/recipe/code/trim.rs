//! What is left out of VS Code: what its licence does not let us deliver, and what this machine cannot use.

use std::fs;
use std::path::Path;

use gitpod_core::{Error, ErrorKind, Result};
use serde_json::Value;

use super::files;

/// npm packages that are never fetched: the AI runtimes (proprietary terms, a quarter of a gigabyte) and what only they need.
const LEFT_OUT: [&str; 6] = [
    "@github/",
    "@vscode/copilot-api",
    "@microsoft/mxc-sdk",
    "@vscode/sqlite3",
    "@vscode/sandbox-runtime",
    "@devcontainers/cli",
];

/// Removes the AI extension and takes the AI packages out of the lists that npm goes by.
pub(super) fn leave_out_ai(code: &Path) -> Result<()> {
    files::remove(&code.join("extensions/copilot"))?;
    for list in ["package.json", "npm-shrinkwrap.json"] {
        let path = code.join(list);
        let text = fs::read(&path)
            .map_err(|error| files::failed("cannot read a list of packages", &path, error))?;
        let mut value: Value = serde_json::from_slice(&text).map_err(|error| {
            Error::new(ErrorKind::Unavailable, "a list of packages is malformed")
                .with_context("path", path.display())
                .with_source(error)
        })?;
        strike(&mut value);
        files::write(&path, value.to_string().as_bytes())?;
    }
    Ok(())
}

fn strike(list: &mut Value) {
    let left_out = |name: &str| LEFT_OUT.iter().any(|prefix| name.starts_with(prefix));
    for place in ["/dependencies", "/packages//dependencies"] {
        if let Some(Value::Object(wanted)) = list.pointer_mut(place) {
            wanted.retain(|name, _| !left_out(name));
        }
    }
    if let Some(Value::Object(packages)) = list.get_mut("packages") {
        packages.retain(|path, _| !left_out(path.strip_prefix("node_modules/").unwrap_or(path)));
    }
}

/// Removes what other systems, debuggers and compilers need.
pub(super) fn prune(code: &Path) -> Result<()> {
    let modules = code.join("node_modules");
    for useless in [
        "@vscode/tree-sitter-wasm",
        "@vscode/spdlog",
        "@vscode/native-watchdog",
        "node-pty/deps",
        "node-pty/third_party",
        "node-pty/src",
    ] {
        let keep_manifest = modules.join(useless).join("package.json");
        let manifest = fs::read(&keep_manifest).ok();
        files::remove(&modules.join(useless))?;
        if let Some(manifest) = manifest.filter(|_| REPLACED.contains(&useless)) {
            files::write(&keep_manifest, &manifest)?;
        }
    }
    for platforms in ["@vscode/ripgrep-universal/bin", "node-pty/prebuilds"] {
        let dir = modules.join(platforms);
        files::prune(&dir, &|path| {
            path.parent() == Some(&*dir) && path.file_name().is_some_and(|name| name != "linux-x64")
        })?;
    }
    files::prune(code, &|path| {
        path.extension().is_some_and(|extension| extension == "map")
    })
}

/// Native modules whose manifest stays and whose code is ours.
const REPLACED: [&str; 2] = ["@vscode/spdlog", "@vscode/native-watchdog"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_may_not_be_delivered_is_not_even_fetched() {
        let mut list = json!({
            "packages": {
                "": { "dependencies": { "@github/copilot-sdk": "1", "ws": "8" } },
                "node_modules/@github/copilot-sdk": {},
                "node_modules/@vscode/copilot-api": {},
                "node_modules/ws": {},
            }
        });
        strike(&mut list);
        assert_eq!(
            list,
            json!({ "packages": { "": { "dependencies": { "ws": "8" } }, "node_modules/ws": {} } })
        );
    }
}
