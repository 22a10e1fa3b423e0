//! Where the repository is and what the editor opens.

use super::Devcontainer;
use crate::devcontainer::model::MountEntry;
use crate::devcontainer::notice::Notices;
use crate::devcontainer::variables::Variables;
use crate::gitpod_yml::GitpodYml;

/// A path below `/workspace`, absolute.
pub(super) fn absolute(relative: &str) -> String {
    format!("/workspace/{relative}")
        .trim_end_matches('/')
        .to_owned()
}

/// Replaces what `workspaceMount` and `workspaceFolder` say by where things are here.
pub(super) fn apply(
    file: &Devcontainer,
    config: &mut GitpodYml,
    variables: &mut Variables<'_>,
    notices: &mut Notices<'_>,
) {
    let repository = variables.repository.clone();
    if file.workspace_mount.is_some() {
        let instead = format!("the repository is at {repository}, and /workspace is what is kept");
        notices.adapted("workspaceMount", instead);
    }
    let Some(folder) = &file.workspace_folder else {
        return;
    };
    let folder = variables
        .evaluate("workspaceFolder", folder, notices)
        .plain()
        .and_then(|folder| normal(&folder));
    let mounted = mounted(file, variables, notices);
    let opened = folder.as_deref().and_then(|folder| {
        let (source, target) = mounted.as_ref()?;
        let rest = below(folder, target)?;
        normal(&format!("{source}/{rest}"))
    });
    let ours = |path: &String| below(path, "/workspace").is_some();
    let opened = opened
        .or_else(|| {
            folder
                .clone()
                .filter(|folder| below(folder, &repository).is_some())
        })
        .filter(ours)
        .unwrap_or(repository);
    if folder.as_ref() != Some(&opened) {
        notices.adapted("workspaceFolder", format!("the editor opens {opened}"));
    }
    if opened != variables.repository {
        let relative = below(&opened, "/workspace").filter(|path| !path.is_empty());
        config.workspace_location = Some(relative.unwrap_or(".").to_owned());
    }
    variables.workspace_folder = opened;
}

/// What is mounted for the workspace, by its path here, and the path that the file expects it at.
fn mounted(
    file: &Devcontainer,
    variables: &Variables<'_>,
    notices: &mut Notices<'_>,
) -> Option<(String, String)> {
    let Some(mount) = &file.workspace_mount else {
        // With compose files these say what is mounted; otherwise it is this.
        let name = variables.repository.rsplit('/').next()?;
        let usual = (variables.repository.clone(), format!("/workspaces/{name}"));
        return file.docker_compose_file.is_none().then_some(usual);
    };
    let parts = MountEntry::Text(mount.clone()).parts()?;
    let mut path = |text: &str| {
        let text = variables.evaluate("workspaceMount", text, notices);
        normal(&text.plain()?)
    };
    Some((path(&parts.source?)?, path(&parts.target)?))
}

/// An absolute path without `.`, `..` and double slashes.
fn normal(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.strip_prefix('/')?.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part if part.chars().any(char::is_control) => return None,
            part => parts.push(part),
        }
    }
    Some(format!("/{}", parts.join("/")))
}

/// `path` relative to `parent`, if it is that or below it.
fn below<'p>(path: &'p str, parent: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(parent)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}
