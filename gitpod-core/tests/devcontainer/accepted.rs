//! Each file of `files/` is accepted in both modes, and its normalised JSON is that of the `.expected.json` file beside it,
//! which is the same file without its comments and trailing commas, written by another program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gitpod_core::devcontainer::{Mode, parse};
use serde_json::Value;

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter(|path| !path.to_string_lossy().ends_with(".expected.json"))
        .collect();
    files.sort();
    files
}

#[test]
fn files_are_read_as_other_readers_read_them() {
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/devcontainer/files"));
    assert!(files.len() >= 6, "{} files", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let expected = fs::read_to_string(file.with_extension("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        for mode in [Mode::Strict, Mode::Lenient] {
            let parsed = parse(&text, mode);
            let file = file.display();
            assert!(parsed.accepted(), "{file}: {:?}", parsed.problems);
            let json = serde_json::to_value(&parsed.config).unwrap();
            assert_eq!(
                without_empty(json),
                without_empty(expected.clone()),
                "{file}"
            );
        }
    }
}

/// An empty list or object says nothing, whether it is there or not.
fn without_empty(value: Value) -> Value {
    let Value::Object(entries) = value else {
        return value;
    };
    let says_something = |value: &Value| match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        _ => true,
    };
    let entries = entries
        .into_iter()
        .map(|(key, value)| (key, without_empty(value)));
    entries.filter(|(_, value)| says_something(value)).collect()
}

#[test]
fn the_documentation_tells_what_becomes_of_every_property() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("../docs/devcontainer.md")).unwrap();
    for file in files(&root.join("tests/devcontainer/files")) {
        let text = fs::read_to_string(file.with_extension("expected.json")).unwrap();
        let properties: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
        for property in properties.keys().filter(|key| *key != "$schema") {
            let told = [format!("`{property}`"), format!("`{property}.")];
            assert!(told.iter().any(|text| table.contains(text)), "{property}");
        }
    }
}

/// `CORPUS=directory cargo test -p gitpod-core --test devcontainer -- --ignored` judges a directory of real files.
#[test]
#[ignore = "needs a directory of real files, named by CORPUS, which is not part of the repository"]
fn a_corpus_of_real_files_is_accepted() {
    let corpus = std::env::var("CORPUS").unwrap();
    let files = files(Path::new(&corpus));
    assert!(!files.is_empty(), "{corpus}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let parsed = parse(&text, Mode::Lenient);
        assert!(
            parsed.accepted(),
            "{}: {:?}",
            file.display(),
            parsed.problems
        );
    }
}
