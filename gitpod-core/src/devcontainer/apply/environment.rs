//! Variables of the workspace's environment.

use std::collections::BTreeMap;

use super::Devcontainer;
use super::run_args::Argument;
use crate::devcontainer::notice::Notices;
use crate::devcontainer::places::below;
use crate::devcontainer::variables::{Evaluated, Variables};
use crate::environment::is_name;
use crate::gitpod_yml::GitpodYml;

/// What is set, the later entry of a name instead of the earlier one, in the order of the first.
#[derive(Debug, Default)]
struct Environment<'f> {
    entries: Vec<(&'f str, Option<Setting>)>,
    index: BTreeMap<&'f str, usize>,
}

#[derive(Debug)]
enum Setting {
    /// A value that is known ahead.
    Value(String),
    /// A word for a shell in the workspace.
    Word(String),
}

/// Sets the environment. What only a shell in the workspace can know comes back as lines for it.
pub(super) fn apply<'f>(
    file: &'f Devcontainer,
    arguments: &[Argument<'f>],
    config: &mut GitpodYml,
    variables: &mut Variables<'_>,
    notices: &mut Notices<'_>,
) -> Vec<String> {
    let mut environment = Environment::default();
    let own = file.container_env.iter();
    let own = own.map(|(name, value)| (below("containerEnv", name), name.as_str(), value.as_str()));
    let arguments = arguments.iter().filter_map(|argument| {
        let (name, value) = argument.env()?;
        Some((argument.property(), name, value))
    });
    for (property, name, value) in own.chain(arguments) {
        let value = variables.evaluate(&property, value, notices);
        if let Some(known) = value.value() {
            variables.container_env.insert(name.to_owned(), known);
        }
        environment.evaluated(&property, name, &value, notices);
    }
    for (name, value) in &file.remote_env {
        let property = below("remoteEnv", name);
        if let Some(value) = value {
            let value = variables.evaluate(&property, value, notices);
            environment.evaluated(&property, name, &value, notices);
        } else {
            environment.set(name, None);
            let instead = "the file does not set it; what the image sets stays";
            notices.adapted(property, instead);
        }
    }
    for (name, _) in &file.secrets {
        let instead = "it is not asked for; set a variable of this name in your settings";
        notices.ignored(below("secrets", name), instead);
    }
    let mut exports = Vec::new();
    for (name, setting) in environment.entries {
        match setting {
            Some(Setting::Value(value)) => config.env.push((name.to_owned(), value)),
            Some(Setting::Word(word)) => exports.push(format!("export {name}={word}")),
            None => {}
        }
    }
    exports
}

impl<'f> Environment<'f> {
    fn evaluated(
        &mut self,
        property: &str,
        name: &'f str,
        value: &Evaluated,
        notices: &mut Notices<'_>,
    ) {
        if !is_name(name) {
            notices.ignored(property, "not a name of an environment variable");
        } else if let Some(value) = value.value() {
            self.set(name, Some(Setting::Value(value)));
        } else {
            self.set(name, Some(Setting::Word(value.word())));
            let instead = "its value is known in the workspace only; it is set for the commands and their terminal";
            notices.adapted(property, instead);
        }
    }

    fn set(&mut self, name: &'f str, setting: Option<Setting>) {
        if let Some(&index) = self.index.get(name) {
            self.entries[index].1 = setting;
        } else {
            self.index.insert(name, self.entries.len());
            self.entries.push((name, setting));
        }
    }
}
