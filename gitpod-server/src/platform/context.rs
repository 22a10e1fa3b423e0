//! Step 3 of a creation: what does the URL mean, what does the repository ask for.

use gitpod_content::{ResolveOptions, Resolved};
use gitpod_core::access::{self, Action, Principal, Resource};
use gitpod_core::class::Resources;
use gitpod_core::content::{CloneTarget, ContentSource, GitSource};
use gitpod_core::context::{ContextUrl, RefKind, Reference, RepositoryContext, Subject};
use gitpod_core::environment::{self, Purpose, Sources};
use gitpod_core::gitpod_yml::{GitpodYml, Image, Situation};
use gitpod_core::image::ImageRef;
use gitpod_core::workspace::{ContextRecord, NewWorkspace};
use gitpod_core::{Error, ErrorKind, OrganizationId, Result, UserId};

use super::{CreateWorkspace, Platform, configuration};

impl Platform {
    /// What a workspace of `by` would be that is made as `request` says.
    pub(super) async fn resolve(
        &self,
        by: &Principal,
        request: &CreateWorkspace,
    ) -> Result<NewWorkspace> {
        let (owner, organization) = identity(by)?;
        let class = match &request.class {
            Some(class) => self.known_class(class)?,
            None => self.default_class()?,
        };
        let url = &request.url;
        let context = ContextUrl::parse(url, &self.inner.hosts)?;
        let page = openable(&context)?;
        let resolved = self.ask_remote(by, page).await?;
        let name = page.checkout_location();
        let situation = configuration::Situation {
            name: &name,
            resources: self.resources(&class),
            by_default: request.default_configuration,
        };
        let configured = configuration::configure(&resolved, &situation)?;

        let mut new = NewWorkspace::new(owner, organization, record(url, page, &resolved));
        new.class = class;
        new.warnings.clone_from(&context.warnings);
        new.warnings.extend(configured.warnings);
        new.configured_by = configured.by;
        new.remarks = configured.remarks;
        let config = configured.config;
        new.checkout_location = config.checkout_location(&name);
        new.workspace_location = config.workspace_location(&name);
        new.source = source(page, resolved.target, &config, &new.checkout_location);
        new.image = image(&config)?;
        new.fresh_tasks = config.tasks(Situation::Fresh);
        new.restart_tasks = config.tasks(Situation::Restart);
        new.ports = config.ports();
        new.env = config.variables();
        new.address_env = context.env;
        new.warnings.extend(left_out(&new));
        Ok(new)
    }

    fn resources(&self, class: &str) -> Option<&Resources> {
        let found = self.classes().iter().find(|known| known.id == class);
        found.map(|class| &class.resources)
    }

    /// Asks the remote which of the URL's possible meanings exists.
    async fn ask_remote(&self, by: &Principal, page: &RepositoryContext) -> Result<Resolved> {
        let mut options = ResolveOptions::default();
        options.allow_local =
            access::may(by, Action::UseLocalRepositories, Resource::Installation).allowed;
        configuration::want(&mut options);
        let (resolver, remote) = (&self.inner.resolver, &page.clone_url);
        let candidates = page.reference.candidates()?;
        let mut first_error = None;
        let is_tag = matches!(
            page.reference,
            Reference::Tag(_) | Reference::TagWithPath(_)
        );
        for name in &candidates {
            // By its plain name a branch would win over the tag that the address names.
            let full = if is_tag {
                format!("refs/tags/{name}")
            } else {
                name.clone()
            };
            match resolver.resolve(remote, Some(&full), &options).await {
                Ok(found) => return Ok(found),
                // Perhaps less of the path names the branch.
                Err(error) if is_about_reference(&error) => {
                    first_error.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        match first_error {
            Some(error) => Err(error),
            None => resolver.resolve(remote, None, &options).await,
        }
    }
}

/// A repository that is missing is missing for each candidate; a reference is not.
fn is_about_reference(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound && error.context().any(|(key, _)| key == "reference")
}

/// Who will own what `by` creates.
pub(super) fn identity(by: &Principal) -> Result<(UserId, OrganizationId)> {
    match (by, by.user()) {
        (Principal::System, _) => Ok((super::SYSTEM_USER, super::SYSTEM_ORGANIZATION)),
        (_, Some(user)) => Ok((user.id, user.organization)),
        _ => Err(Error::new(
            ErrorKind::Unauthenticated,
            "nobody is signed in",
        )),
    }
}

/// Variables that no workspace gets, whoever else sets what.
fn left_out(new: &NewWorkspace) -> Vec<String> {
    let sources = Sources {
        configuration: &new.env,
        address: &new.address_env,
        ..Sources::default()
    };
    environment::resolve(sources, Purpose::Workspace, None)
        .ignored
        .iter()
        .map(|ignored| format!("variable {} is ignored: {}", ignored.name, ignored.reason))
        .collect()
}

fn record(url: &str, page: &RepositoryContext, resolved: &Resolved) -> ContextRecord {
    let mut record = ContextRecord::new(url.trim());
    record.title = settled(page, &resolved.target).title();
    page.clone_url.as_str().clone_into(&mut record.clone_url);
    record.reference = match &resolved.target {
        CloneTarget::Branch(name) | CloneTarget::Tag(name) | CloneTarget::Commit(name) => {
            name.clone()
        }
        CloneTarget::RemoteHead | CloneTarget::LocalBranch(_) => {
            resolved.default_branch.clone().unwrap_or_default()
        }
    };
    record.revision = resolved.revision.clone().unwrap_or_default();
    record.owner.clone_from(&page.owner);
    record.name.clone_from(&page.name);
    record
}

/// The page, now that the remote said which part of it is a name.
fn settled(page: &RepositoryContext, target: &CloneTarget) -> RepositoryContext {
    if !matches!(
        page.reference,
        Reference::NamedWithPath(_) | Reference::BranchWithPath(_) | Reference::TagWithPath(_)
    ) {
        return page.clone();
    }
    match target {
        CloneTarget::Branch(name) => page.settled(name, RefKind::Branch),
        CloneTarget::Tag(name) => page.settled(name, RefKind::Tag),
        CloneTarget::Commit(name) => page.settled(name, RefKind::Commit),
        CloneTarget::RemoteHead | CloneTarget::LocalBranch(_) => page.clone(),
    }
}

/// What of a context this server can open.
fn openable(context: &ContextUrl) -> Result<&RepositoryContext> {
    if let Some(id) = context.prebuild {
        return Err(
            Error::unsupported("this server does not open prebuilds by their address yet")
                .with_context("prebuild", id)
                .with_hint("leave the prefix out and open the repository itself"),
        );
    }
    if let Subject::Snapshot(id) = context.subject {
        return Err(
            Error::unsupported("this server does not open snapshots yet")
                .with_context("snapshot", id)
                .with_hint("open the repository itself"),
        );
    }
    context.repository()
}

fn source(
    page: &RepositoryContext,
    target: CloneTarget,
    config: &GitpodYml,
    checkout_location: &str,
) -> ContentSource {
    let target = match page.reference.local_branch() {
        Some(branch) => CloneTarget::LocalBranch(branch),
        None => target,
    };
    let mut git = GitSource::new(page.clone_url.clone(), checkout_location).with_target(target);
    git.config = config.git_settings();
    ContentSource::Git(Box::new(git))
}

fn image(config: &GitpodYml) -> Result<ImageRef> {
    match &config.image {
        None => Ok(ImageRef::Host),
        Some(Image::Reference(reference)) => reference.trim().parse(),
        Some(Image::Dockerfile { file, .. }) => Err(configuration::or_without(
            Error::unsupported("this server does not build images from a Dockerfile yet")
                .with_context("file", file)
                .with_hint("name an image, or none: the host's tools are the default"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_tells_branch_and_path_apart() {
        let title = |text: &str, target: CloneTarget| {
            let context: ContextUrl = text.parse().unwrap();
            settled(context.repository().unwrap(), &target).title()
        };
        let branch = |name: &str| CloneTarget::Branch(name.to_owned());
        let url = "https://github.com/o/r/tree/feature/x/docs/a.md";
        assert_eq!(
            title(url, branch("feature/x")),
            "o/r @ feature/x (docs/a.md)"
        );
        assert_eq!(
            title(url, branch("feature/x/docs/a.md")),
            "o/r @ feature/x/docs/a.md"
        );
        let plain = "https://github.com/o/r/tree/main";
        assert_eq!(title(plain, branch("main")), "o/r @ main");
        let hash = "0359d6a7fa1d0359d6a7fa1d0359d6a7fa1d0359";
        for shown in [hash, &hash[..8]] {
            let url = format!("https://github.com/o/r/tree/{shown}/docs");
            let said = title(&url, CloneTarget::Commit(hash.to_owned()));
            assert_eq!(said, "o/r @ 0359d6a7fa1d (docs)");
        }
    }
}
