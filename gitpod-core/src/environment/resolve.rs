use std::collections::HashMap;

use super::denied::may_be_set_by_address;
use super::variable::refusal;
use super::{IMAGE_AUTH, Ignored, ImageAuth, ProjectVariable, Source, UserVariable, Variable};
use crate::Secret;

/// What the variables are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A person's workspace.
    Workspace,
    /// A prebuild, which others will open: it never sees variables of a user or of an address.
    Prebuild,
}

/// The repository that is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repository<'r> {
    /// Its owner: a person, an organization, or a group with its subgroups.
    pub owner: &'r str,
    /// Its name.
    pub name: &'r str,
}

/// Everything that may set variables.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'s> {
    /// `env` of the configuration file.
    pub configuration: &'s [(String, String)],
    /// Of the organization. Pass none unless the workspace belongs to a project: an organization's secrets are not for
    /// whatever repository its members open.
    pub organization: &'s [(String, Secret<String>)],
    /// Of the user.
    pub user: &'s [UserVariable],
    /// Of the project.
    pub project: &'s [ProjectVariable],
    /// Of the address.
    pub address: &'s [(String, String)],
    /// Whether the project lets workspaces have [`IMAGE_AUTH`] itself, to sign `docker` in.
    pub image_auth_in_workspace: bool,
}

/// What a workspace gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Environment {
    /// The variables, each name once.
    pub variables: Vec<Variable>,
    /// Credentials for the registries of images.
    pub image_auth: ImageAuth,
    /// What was left out, and why.
    pub ignored: Vec<Ignored>,
}

/// Merges the sources. `repository` is `None` when what is opened is no repository; the user's variables need one.
pub fn resolve(
    sources: Sources<'_>,
    purpose: Purpose,
    repository: Option<Repository<'_>>,
) -> Environment {
    let mut merged = Merged::default();
    for (name, value) in sources.configuration {
        merged.put(name, value, Source::Configuration);
    }
    for (name, value) in sources.organization {
        merged.put(name, value.expose(), Source::Organization);
    }
    if purpose == Purpose::Workspace
        && let Some(repository) = repository
    {
        for variable in best_of_user(sources.user, repository) {
            merged.put(&variable.name, variable.value.expose(), Source::User);
        }
    }
    for variable in sources.project {
        if purpose == Purpose::Prebuild || !variable.prebuilds_only {
            merged.put(&variable.name, variable.value.expose(), Source::Project);
        }
    }
    if purpose == Purpose::Workspace {
        for (name, value) in sources.address {
            if may_be_set_by_address(name) {
                merged.put(name, value, Source::Address);
            } else {
                merged.ignore(name, Source::Address, "an address may not set it");
            }
        }
    }
    merged.finish(sources.image_auth_in_workspace)
}

/// Of each name the variable with the most specific pattern that matches.
fn best_of_user<'v>(
    variables: &'v [UserVariable],
    repository: Repository<'_>,
) -> Vec<&'v UserVariable> {
    let mut best: Vec<&UserVariable> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let Repository { owner, name } = repository;
    for variable in variables.iter().filter(|v| v.pattern.matches(owner, name)) {
        match places.get(variable.name.as_str()) {
            None => {
                places.insert(&variable.name, best.len());
                best.push(variable);
            }
            Some(&at) if variable.pattern.cmp_specificity(&best[at].pattern).is_gt() => {
                best[at] = variable;
            }
            Some(_) => {}
        }
    }
    best
}

#[derive(Default)]
struct Merged {
    environment: Environment,
    places: HashMap<String, usize>,
}

impl Merged {
    fn put(&mut self, name: &str, value: &str, source: Source) {
        if let Some(reason) = refusal(name, value) {
            return self.ignore(name, source, reason);
        }
        let variable = Variable {
            name: name.to_owned(),
            value: Secret::from(value),
            source,
        };
        let variables = &mut self.environment.variables;
        if let Some(&at) = self.places.get(name) {
            variables[at] = variable;
        } else {
            self.places.insert(name.to_owned(), variables.len());
            variables.push(variable);
        }
    }

    fn ignore(&mut self, name: &str, source: Source, reason: &'static str) {
        self.environment.ignored.push(Ignored {
            name: name.chars().take(super::MAX_NAME).collect(),
            source,
            reason,
        });
    }

    fn finish(mut self, image_auth_in_workspace: bool) -> Environment {
        if let Some(&at) = self.places.get(IMAGE_AUTH) {
            let value = &self.environment.variables[at].value;
            self.environment.image_auth = ImageAuth::parse(value.expose());
            if !image_auth_in_workspace {
                self.environment.variables.remove(at);
            }
        }
        self.environment
    }
}
