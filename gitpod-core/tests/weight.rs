//! The crate stays light: who embeds it without features builds fewer than 40 crates.

use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn without_features_it_has_fewer_than_40_dependencies() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--package",
            "gitpod-core",
            "--no-default-features",
        ])
        .args([
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tree = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.split(" (").next().unwrap_or(line))
        .filter(|line| !line.is_empty() && !line.starts_with("gitpod-core "))
        .collect();
    assert!(crates.iter().any(|name| name.starts_with("url ")), "{tree}");
    assert!(crates.len() < 40, "{} crates: {crates:#?}", crates.len());
}
