use serde_json::Value as Json;

use crate::devcontainer::check::{Check, Field};
use crate::devcontainer::tree::Value;

/// `features`: ids with their options, in the order of the file.
pub(super) fn read_all(check: &mut Check, field: Option<Field<'_>>) -> Vec<(String, Json)> {
    let Some(object) = field.and_then(|field| check.open_object(&field)) else {
        return Vec::new();
    };
    let mut features = Vec::new();
    for (id, field) in object.iter() {
        match &field.node.value {
            Value::Text(_) | Value::Bool(_) => {}
            Value::Object(_) => check_options(check, &field),
            // The published schema lets anything pass here.
            _ => {
                let message = "not an object of options, a version, true or false";
                check.warn(field.node.at, field.node.raw(), message);
            }
        }
        features.push((id.to_owned(), field.node.to_json()));
    }
    features
}

fn check_options(check: &mut Check, field: &Field<'_>) {
    let Some(options) = check.open_object(field) else {
        return;
    };
    for (_, option) in options.iter() {
        if !matches!(option.node.value, Value::Text(_) | Value::Bool(_)) {
            let (path, kind) = (&option.path, option.node.kind());
            let message = format!("{path} must be a text, true or false, this is {kind}");
            check.warn(option.node.at, option.node.raw(), message);
        }
    }
}
