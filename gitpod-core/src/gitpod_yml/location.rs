//! Directories below `/workspace`.

/// `text` as a path relative to `/workspace`, without `.` and double slashes; `None` when it leaves `/workspace`.
pub(super) fn below_workspace(text: &str) -> Option<String> {
    let relative = match text.strip_prefix('/') {
        None => text,
        Some(absolute) => match absolute.strip_prefix("workspace")? {
            "" => "",
            rest => rest.strip_prefix('/')?,
        },
    };
    let mut parts = Vec::new();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => return None,
            part if part.chars().any(char::is_control) => return None,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::below_workspace;

    #[test]
    fn locations_stay_below_workspace() {
        for (text, expected) in [
            ("gitpod", Some("gitpod")),
            ("./a//b/.", Some("a/b")),
            ("a/b.code-workspace", Some("a/b.code-workspace")),
            ("/workspace/a", Some("a")),
            ("/workspace", Some("")),
            (".", Some("")),
            ("..", None),
            ("a/../b", None),
            ("/etc", None),
            ("/workspaces/a", None),
            ("a\nb", None),
        ] {
            assert_eq!(below_workspace(text).as_deref(), expected, "{text}");
        }
    }
}
