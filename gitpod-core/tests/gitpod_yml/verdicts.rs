//! `verdicts.jsonl`: what the original says about short files, each line `[text, verdict, value]`. The verdict is `ok`, `schema`
//! (YAML, but not as the schema wants it; the value is what was read) or `yaml`; the value of an `ok` is the normalised JSON.
//!
//! Recorded from js-yaml 3.14.1 (`safeLoad`) and Ajv 6 with the original's schema, over texts of our own: a list by hand,
//! and changes to the files in `files/` made at random. 78,000 more such changes, and 200,000 texts of random parts of YAML, were
//! compared while this was written.

use std::path::Path;

use gitpod_core::gitpod_yml::{Mode, json_schema, parse};
use serde_json::Value as Json;

fn cases() -> Vec<(String, String, Option<Json>)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gitpod_yml/verdicts.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let cases: Vec<Vec<Json>> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(cases.len() > 400, "{} cases", cases.len());
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    cases
        .iter()
        .map(|case| (text(&case[0]), text(&case[1]), case.get(2).cloned()))
        .collect()
}

#[test]
fn strict_mode_says_what_the_original_says() {
    for (text, verdict, value) in cases() {
        let parsed = parse(&text, Mode::Strict);
        let accepted = verdict == "ok";
        assert_eq!(
            parsed.accepted(),
            accepted,
            "{text:?}: {:?}",
            parsed.problems
        );
        let unreadable = |message: &str| message.starts_with("not YAML that can be read");
        let readable = !parsed.errors().any(|error| unreadable(&error.message));
        assert_eq!(
            readable,
            verdict != "yaml",
            "{text:?}: {:?}",
            parsed.problems
        );
        if let (true, Some(value)) = (accepted, value) {
            assert_eq!(
                serde_json::to_value(&parsed.config).unwrap(),
                value,
                "{text:?}"
            );
        }
    }
}

#[test]
fn lenient_mode_accepts_whatever_strict_mode_does_and_reads_the_same() {
    for (text, ..) in cases() {
        let strict = parse(&text, Mode::Strict);
        let lenient = parse(&text, Mode::Lenient);
        if strict.accepted() {
            assert!(lenient.accepted(), "{text:?}");
            assert_eq!(strict.config, lenient.config, "{text:?}");
        }
    }
}

#[test]
fn the_json_schema_says_so_too() {
    let schema = json_schema();
    let mut judged = 0;
    for (text, verdict, value) in cases() {
        let Some(value) = value else { continue };
        judged += 1;
        assert_eq!(valid(&schema, &value), verdict == "ok", "{text:?}");
    }
    assert!(judged > 200, "{judged} judged");
}

/// As much of JSON Schema as ours uses.
fn valid(schema: &Json, value: &Json) -> bool {
    let kind = match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    };
    let right_kind = schema.get("type").is_none_or(|wanted| wanted == kind);
    let chosen = |values: &Json| values.as_array().unwrap().contains(value);
    let any = |of: &Json| {
        of.as_array()
            .unwrap()
            .iter()
            .any(|schema| valid(schema, value))
    };
    right_kind
        && schema.get("enum").is_none_or(chosen)
        && schema.get("anyOf").is_none_or(any)
        && schema.get("pattern").is_none_or(|pattern| {
            assert_eq!(pattern, r"^\d+[:-]\d+$");
            is_range(value.as_str().unwrap())
        })
        && match value {
            Json::Array(items) => schema
                .get("items")
                .is_none_or(|schema| items.iter().all(|item| valid(schema, item))),
            Json::Object(fields) => {
                let missing = |name: &Json| !fields.contains_key(name.as_str().unwrap());
                let required = schema.get("required").and_then(Json::as_array);
                !required.is_some_and(|names| names.iter().any(missing))
                    && fields.iter().all(|(key, value)| field(schema, key, value))
            }
            _ => true,
        }
}

fn field(schema: &Json, key: &str, value: &Json) -> bool {
    let known = schema.get("properties").and_then(|known| known.get(key));
    match known.or_else(|| schema.get("additionalProperties")) {
        Some(Json::Bool(allowed)) => *allowed,
        Some(schema) => valid(schema, value),
        None => true,
    }
}

fn is_range(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.split_once(['-', ':'])
        .is_some_and(|(start, end)| number(start) && number(end))
}
