//! The table as JSON Schema.

use serde_json::{Map, Value as Json, json};

use super::table::FILE;
use super::{Object, Shape};

/// The schema of `.gitpod.yml` as JSON Schema (draft 7), for editors.
///
/// # Behavior
/// A file is valid by it exactly when strict mode accepts it, once YAML has been read as the original reads it.
pub fn json_schema() -> Json {
    let mut schema = shape(&FILE);
    let Some(root) = schema.as_object_mut() else {
        return schema;
    };
    root.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    root.insert("title".to_owned(), json!(".gitpod.yml"));
    schema
}

fn shape(of: &Shape) -> Json {
    match of {
        Shape::Any => json!({}),
        Shape::Text => json!({"type": "string"}),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Number => json!({"type": "number"}),
        Shape::Range => json!({"type": "string", "pattern": r"^\d+[:-]\d+$"}),
        Shape::Choice(choices) => json!({"type": "string", "enum": choices}),
        Shape::List(item) => json!({"type": "array", "items": shape(item)}),
        Shape::Map(None) => json!({"type": "object"}),
        Shape::Map(Some(value)) => {
            json!({"type": "object", "additionalProperties": shape(value)})
        }
        Shape::Object(of) => object(of),
        Shape::Either(shapes) => {
            json!({"anyOf": shapes.iter().map(shape).collect::<Vec<Json>>()})
        }
    }
}

fn object(of: &Object) -> Json {
    let mut properties = Map::new();
    for key in of.keys {
        let mut schema = shape(&key.shape);
        if let Some(fields) = schema.as_object_mut() {
            fields.insert("description".to_owned(), json!(key.about));
            if let Some(default) = key.default.and_then(|text| serde_json::from_str(text).ok()) {
                fields.insert("default".to_owned(), default);
            }
            if let Some(why) = key.deprecated {
                fields.insert("deprecated".to_owned(), json!(true));
                fields.insert("deprecationMessage".to_owned(), json!(why));
            }
        }
        properties.insert(key.name.to_owned(), schema);
    }
    let required: Vec<&str> = of
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if let Some(fields) = schema.as_object_mut() {
        if !required.is_empty() {
            fields.insert("required".to_owned(), json!(required));
        }
        if !of.open {
            fields.insert("additionalProperties".to_owned(), json!(false));
        }
    }
    schema
}
