//! The tools.

use super::{Devcontainer, Surroundings};
use crate::devcontainer::model::Build;
use crate::devcontainer::notice::Notices;
use crate::devcontainer::places::below;
use crate::devcontainer::variables::Variables;
use crate::gitpod_yml::{GitpodYml, Image};

const DEFAULT: &str = "the default image is used";

pub(super) fn apply(
    file: &Devcontainer,
    surroundings: &Surroundings,
    config: &mut GitpodYml,
    variables: &Variables<'_>,
    notices: &mut Notices<'_>,
) {
    for (id, _) in &file.features {
        let instead = "features are not installed; use an image that has what it brings";
        notices.ignored(below("features", id), instead);
    }
    if file.override_feature_install_order.is_some() {
        notices.ignored("overrideFeatureInstallOrder", "features are not installed");
    }
    compose(file, notices);
    if file.docker_file.is_none() && file.context.is_some() {
        notices.ignored("context", "it belongs to a dockerFile");
    }
    if file.docker_compose_file.is_some() {
        return;
    }
    if let Some(build) = &file.build {
        extras(build, notices);
        let places = ("build.dockerfile", "build.context");
        let context = build.context.as_deref();
        config.image = dockerfile(
            &build.dockerfile,
            context,
            places,
            surroundings,
            variables,
            notices,
        );
    } else if let Some(path) = &file.docker_file {
        let context = file.context.as_deref();
        let places = ("dockerFile", "context");
        config.image = dockerfile(path, context, places, surroundings, variables, notices);
    } else if let Some(image) = &file.image {
        let reference = variables.evaluate("image", image, notices).plain();
        let reference = reference.map(|text| text.trim().to_owned());
        config.image = reference
            .filter(|reference| !reference.is_empty())
            .map(Image::Reference);
        if config.image.is_none() {
            let instead =
                format!("it names no image, or one by a variable that is not known; {DEFAULT}");
            notices.ignored("image", instead);
        }
    }
}

fn compose(file: &Devcontainer, notices: &mut Notices<'_>) {
    if file.docker_compose_file.is_some() {
        let instead = format!("compose files are not run; {DEFAULT} and no other service starts");
        notices.ignored("dockerComposeFile", instead);
    }
    for (given, property) in [
        (file.service.is_some(), "service"),
        (file.run_services.is_some(), "runServices"),
    ] {
        if given {
            notices.ignored(property, "compose files are not run");
        }
    }
}

/// What a build is told apart from its Dockerfile and context.
fn extras(build: &Build, notices: &mut Notices<'_>) {
    for (name, _) in &build.args {
        let instead = "the Dockerfile's own default is used";
        notices.ignored(below("build.args", name), instead);
    }
    if build.target.is_some() {
        notices.ignored("build.target", "the last stage is built");
    }
    if build.cache_from.is_some() {
        notices.ignored("build.cacheFrom", "the builder keeps a cache of its own");
    }
    for (index, _) in build.options.iter().enumerate() {
        let instead = "the builder's command line is not open to repositories";
        notices.ignored(format!("build.options[{index}]"), instead);
    }
}

/// Paths are relative to the file's directory there, to the repository here.
fn dockerfile(
    path: &str,
    context: Option<&str>,
    properties: (&str, &str),
    surroundings: &Surroundings,
    variables: &Variables<'_>,
    notices: &mut Notices<'_>,
) -> Option<Image> {
    let directory = surroundings.file.rsplit_once('/').map_or("", |(d, _)| d);
    let mut find = |property: &str, path: &str, instead: String| {
        let path = variables.evaluate(property, path, notices).plain();
        let found = path.and_then(|path| in_repository(directory, &path, &variables.repository));
        if found.is_none() {
            notices.refused(property, format!("not a path in the repository; {instead}"));
        }
        found
    };
    let file = find(properties.0, path, DEFAULT.to_owned()).filter(|file| !file.is_empty())?;
    let own = in_repository(directory, ".", &variables.repository).unwrap_or_default();
    let context = match context {
        None => own,
        Some(context) => {
            let instead = format!("the context is `{}`", or_root(own.clone()));
            find(properties.1, context, instead).unwrap_or(own)
        }
    };
    Some(Image::Dockerfile {
        file,
        context: Some(or_root(context)),
    })
}

fn or_root(path: String) -> String {
    if path.is_empty() {
        String::from(".")
    } else {
        path
    }
}

/// `path`, seen from `directory`, relative to the repository; `None` when it leaves it.
fn in_repository(directory: &str, path: &str, repository: &str) -> Option<String> {
    let relative = match path.strip_prefix(repository) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest.to_owned(),
        _ if path.starts_with('/') => return None,
        _ => format!("{directory}/{path}"),
    };
    let mut parts = Vec::new();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part if part.chars().any(char::is_control) => return None,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
