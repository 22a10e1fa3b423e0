//! Steps 2 and 3 of a creation: may they, what does the URL mean, what does the repository ask for.

use gitpod_content::ResolveOptions;
use gitpod_core::access::{self, Action, Principal, Resource};
use gitpod_core::content::{ContentSource, GitSource};
use gitpod_core::workspace::{ContextRecord, NewWorkspace};
use gitpod_core::{Error, ErrorKind, OrganizationId, Result, UserId};
use url::Url;

use super::Platform;

/// The file that a repository configures its workspaces with.
const CONFIGURATION: &str = ".gitpod.yml";

impl Platform {
    /// What a workspace of `by` from `url` would be.
    pub(super) async fn resolve(&self, by: &Principal, url: &str) -> Result<NewWorkspace> {
        let (owner, organization) = identity(by)?;
        let (remote, reference) = split(url)?;
        let name = repository_name(&remote);
        let mut options = ResolveOptions::default();
        options.allow_local =
            access::may(by, Action::UseLocalRepositories, Resource::Installation).allowed;
        options.files = vec![String::from(CONFIGURATION)];
        let resolved = self
            .inner
            .resolver
            .resolve(&remote, reference.as_deref(), &options)
            .await?;

        let mut context = ContextRecord::new(url);
        remote.as_str().clone_into(&mut context.clone_url);
        context.reference = reference.unwrap_or_default();
        context.revision = resolved.revision.unwrap_or_default();
        let shown = match context.reference.as_str() {
            "" => resolved.default_branch.as_deref().unwrap_or("HEAD"),
            reference => reference,
        };
        context.title = format!("{name} @ {shown}");
        let mut new = NewWorkspace::new(owner, organization, context);
        new.checkout_location.clone_from(&name);
        new.workspace_location.clone_from(&name);
        let source = GitSource::new(remote, &name).with_target(resolved.target);
        new.source = ContentSource::Git(Box::new(source));
        new.class = self.default_class()?;
        Ok(new)
    }
}

/// Who will own what `by` creates.
fn identity(by: &Principal) -> Result<(UserId, OrganizationId)> {
    match by {
        Principal::User(user) => Ok((user.id, user.organization)),
        Principal::System => Ok((super::SYSTEM_USER, super::SYSTEM_ORGANIZATION)),
        _ => Err(Error::new(
            ErrorKind::Unauthenticated,
            "nobody is signed in",
        )),
    }
}

fn split(url: &str) -> Result<(Url, Option<String>)> {
    let mut remote = Url::parse(url).map_err(|e| {
        Error::invalid("not a repository URL")
            .with_context("url", url.chars().take(200).collect::<String>())
            .with_source(e)
            .with_hint(
                "paste the address of a git repository, such as https://git.example/owner/repo",
            )
    })?;
    let reference = remote
        .fragment()
        .filter(|fragment| !fragment.is_empty())
        .map(ToOwned::to_owned);
    remote.set_fragment(None);
    Ok((remote, reference))
}

fn repository_name(remote: &Url) -> String {
    let last = remote
        .path_segments()
        .and_then(|segments| segments.filter(|segment| !segment.is_empty()).next_back())
        .unwrap_or("repository");
    last.strip_suffix(".git").unwrap_or(last).to_owned()
}
