//! Each file of `files/` is accepted in both modes, and its normalised JSON is that of the `.json` file beside it (which a
//! YAML reader of another language wrote; port ranges aside, which are normalised to `first-last`).

use std::fs;
use std::path::{Path, PathBuf};

use gitpod_core::gitpod_yml::{Mode, parse};
use serde_json::Value;

fn files() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gitpod_yml/files");
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    files.sort();
    files
}

#[test]
fn files_are_read_as_other_yaml_readers_read_them() {
    let files = files();
    assert!(files.len() >= 15, "{} files", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let expected = fs::read_to_string(file.with_extension("json")).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        for mode in [Mode::Strict, Mode::Lenient] {
            let parsed = parse(&text, mode);
            let file = file.display();
            assert!(parsed.accepted(), "{file}: {:?}", parsed.problems);
            let json = serde_json::to_value(&parsed.config).unwrap();
            assert_eq!(json, expected, "{file}");
        }
    }
}

#[test]
fn what_is_deprecated_is_accepted_with_a_remark() {
    let text =
        "github:\n  prebuilds: true\nexperimentalNetwork: false\ntasks:\n  - prebuild: make\n";
    let parsed = parse(text, Mode::Strict);
    let remarks: Vec<String> = parsed.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "line 1, column 1: `github`: deprecated, prebuilds are set in the project's settings",
            "line 3, column 1: `experimentalNetwork`: has no effect any more",
            "line 5, column 5: `prebuild`: deprecated, use `init`",
        ]
    );
    assert!(parsed.accepted());
}
