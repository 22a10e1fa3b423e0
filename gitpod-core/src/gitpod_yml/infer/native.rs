//! Rust, Go, and what `make` and `CMake` build.

use super::draft::{Draft, Steps};
use super::listing::Listing;

pub(super) fn rust(listing: &Listing, draft: &mut Draft) {
    if !listing.has("Cargo.toml") {
        return;
    }
    let mut steps = Steps::new("Rust");
    steps.init("cargo build", "Cargo.toml is there");
    if listing.has("src/main.rs") {
        steps.command("cargo run", "src/main.rs is a program");
    }
    draft.task(steps);
    let manifest = listing.content("Cargo.toml");
    for (name, port) in [("rocket", 8000), ("leptos", 3000), ("dioxus", 8080)] {
        if listing.has("src/main.rs") && line_begins(manifest, name) {
            draft.port(port, name, format!("Cargo.toml depends on `{name}`"));
        }
    }
    draft.extension("rust-lang.rust-analyzer", "Cargo.toml is there");
}

pub(super) fn go(listing: &Listing, draft: &mut Draft) {
    let Some(file) = listing.first(&["go.work", "go.mod"]) else {
        return;
    };
    let because = format!("{file} is there");
    let mut steps = Steps::new("Go");
    steps.init("go mod download", because.clone());
    steps.init("go build ./...", because.clone());
    if listing.has("main.go") {
        steps.command("go run .", "main.go is a program");
    }
    draft.task(steps);
    draft.extension("golang.go", because);
}

pub(super) fn make(listing: &Listing, draft: &mut Draft) {
    let mut steps = Steps::new("Build");
    if listing.has("CMakeLists.txt") {
        let because = "CMakeLists.txt is there";
        steps.init("cmake -S . -B build", because);
        steps.init("cmake --build build", because);
        draft.extension("ms-vscode.cmake-tools", because);
    } else if let Some(file) = listing.first(&["GNUmakefile", "makefile", "Makefile"])
        && draft.is_empty()
    {
        steps.init(
            "make",
            format!("{file} is there, and nothing else tells how to build"),
        );
    } else if listing.has("meson.build") && draft.is_empty() {
        steps.init("meson setup build", "meson.build is there");
        steps.init("meson compile -C build", "meson.build is there");
    }
    draft.task(steps);
}

/// Whether a line of the manifest is about the dependency.
fn line_begins(manifest: &str, name: &str) -> bool {
    manifest.lines().any(|line| {
        let rest = line.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
    })
}
