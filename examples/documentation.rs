//! `cargo test -p examples --test documentation`: what the documents say is so.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Dependencies of every kind in a manifest, those of the family left out.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let Some((name, _)) = line.split_once('=').filter(|_| inside) {
            let name = name.trim().split('.').next().unwrap_or_default();
            names.insert(name.to_owned());
        }
    }
    names.retain(|name| !name.starts_with("gitpod-") && name != "examples");
    names
}

#[test]
fn every_direct_dependency_is_justified_and_no_other() {
    let members = "core runtime content image ide server";
    let mut used = dependencies(&read("examples/Cargo.toml"));
    used.extend(dependencies(&read("benches/Cargo.toml")));
    for member in members.split(' ') {
        used.extend(dependencies(&read(&format!("gitpod-{member}/Cargo.toml"))));
    }
    assert!(used.len() > 30, "{used:?}");
    let document = read("docs/dependencies.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `"));
    let documented: BTreeSet<String> = rows
        .filter_map(|row| row.split('|').next())
        .flat_map(|cell| cell.split(','))
        .map(|name| name.trim().trim_matches('`').to_owned())
        .collect();
    let missing: Vec<_> = used.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&used).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "not in docs/dependencies.md: {missing:?}; no longer used: {stale:?}"
    );
}

#[test]
fn the_readme_shows_the_example_that_is_run() {
    let readme = read("README.md");
    let shown = readme
        .split("```rust\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let example = read("examples/hello_workspace.rs");
    let code: String = example
        .lines()
        .skip_while(|line| line.starts_with("//!") || line.starts_with("#![") || line.is_empty())
        .fold(String::new(), |code, line| code + line + "\n");
    assert_eq!(shown.unwrap_or_default(), code);
}
