//! `docs/gitpod-yml.schema.json` is what the parser's own table says. `BLESS=1` writes it anew.

use std::fs;
use std::path::Path;

use gitpod_core::gitpod_yml::{Mode, json_schema, parse};
use serde_json::Value as Json;

#[test]
fn the_schema_in_the_documents_is_the_parsers() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gitpod-yml.schema.json");
    let mut expected = serde_json::to_string_pretty(&json_schema()).unwrap();
    expected.push('\n');
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &expected).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == expected,
        "docs/gitpod-yml.schema.json is stale: run this test with BLESS=1"
    );
}

/// Each key with a sentence, and each default a value that the key takes.
#[test]
fn every_key_is_described_and_every_default_is_valid() {
    let mut keys = 0;
    walk(&json_schema(), "", &mut keys);
    assert!(keys > 60, "{keys} keys");
}

fn walk(schema: &Json, path: &str, keys: &mut usize) {
    for (name, key) in schema["properties"].as_object().into_iter().flatten() {
        *keys += 1;
        let path = format!("{path}/{name}");
        let about = key["description"].as_str().unwrap();
        assert!(about.ends_with('.') && about.len() < 200, "{path}: {about}");
        let top_level = !path[1..].contains('/');
        if let (true, Some(default)) = (top_level, key.get("default")) {
            let text = format!("{name}: {default}\n");
            assert!(parse(&text, Mode::Strict).accepted(), "{text}");
        }
        walk(key, &path, keys);
    }
    for inner in schema["anyOf"].as_array().into_iter().flatten() {
        walk(inner, path, keys);
    }
    if let Some(items) = schema.get("items") {
        walk(items, path, keys);
    }
}
