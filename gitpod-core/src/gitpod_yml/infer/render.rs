//! The inferred configuration as a file for people.

use std::fmt::Write as _;

use super::Inferred;

pub(super) fn yaml(inferred: &Inferred) -> String {
    let config = &inferred.config;
    let mut text = String::from("# Inferred from the files of the repository:\n");
    for reason in &inferred.reasons {
        let _ = writeln!(
            text,
            "#   {}: {}",
            line(&reason.what),
            line(&reason.because)
        );
    }
    if inferred.reasons.is_empty() {
        text.push_str("#   nothing that is known was found\n{}\n");
    }
    if !config.tasks.is_empty() {
        text.push_str("tasks:\n");
    }
    for task in &config.tasks {
        let keys = [
            ("name", &task.name),
            ("init", &task.init),
            ("command", &task.command),
        ];
        let keys = keys
            .iter()
            .filter_map(|(key, value)| Some((key, value.as_ref()?)));
        for (index, (key, value)) in keys.enumerate() {
            let mark = if index == 0 { "  - " } else { "    " };
            let _ = writeln!(text, "{mark}{key}: {}", quoted(value));
        }
    }
    if !config.ports.is_empty() {
        text.push_str("ports:\n");
    }
    for port in &config.ports {
        let (start, end) = (port.port.start, port.port.end);
        let _ = if start == end {
            writeln!(text, "  - port: {start}")
        } else {
            writeln!(text, "  - port: {start}-{end}")
        };
        if let Some(name) = &port.name {
            let _ = writeln!(text, "    name: {}", quoted(name));
        }
        text.push_str("    onOpen: notify\n");
    }
    if let Some(vscode) = &config.vscode {
        text.push_str("vscode:\n  extensions:\n");
        for extension in &vscode.extensions {
            let _ = writeln!(text, "    - {}", quoted(extension));
        }
    }
    text
}

/// A text as YAML: bare where it can only be a text, otherwise in quotes as JSON has them.
fn quoted(text: &str) -> String {
    let bare = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b" ./_-&=".contains(&b))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null"
        );
    if bare {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

fn line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
