//! Context URLs: what a person pastes, and what it means.
//!
//! [`ContextUrl`] understands any git URL (`https://`, `http://`, `ssh://`, `git://`, `file://`, `git@host:owner/repo`, or a
//! bare `host/owner/repo`), a `#branch` behind it, the pages of the known [platforms](Platform), and the prefixes in front of
//! it. It asks nobody: where a name with slashes ends and a path begins is for a lookup of the caller to say, in the order of
//! [`Reference::candidates`]; [`RepositoryContext::resolve`] does it with a function.
//!
//! A platform is known by its host ([`Hosts`]: the public ones, and those that the caller adds, with a path prefix if they have
//! one), else by the form of the page, if only one platform has such pages.
//!
//! | platform | repository | pages |
//! |---|---|---|
//! | GitHub | `/{o}/{r}` | `/tree/{ref}[/path]`, `/blob/…`, `/raw/…`, `/blame/…`, `/edit/…`, `/commits/{ref}`, `/commit/{hash}`, `/pull/{n}`, `/issues/{n}`, `/releases/tag/{t}`, `/compare/{a}...{b}`; `{ref}` may be `refs/heads/{b}`, `refs/tags/{t}` or `HEAD` |
//! | GitLab | `/{group}/…/{r}` | as above behind `/-/` or not; `/merge_requests/{n}`, `/work_items/{n}`, `/tags/{t}`, `/releases/{t}`; `?ref_type=heads` or `tags` |
//! | Bitbucket Cloud | `/{o}/{r}` | `/src/{ref}[/path][?at={name}]`, `/branch/{b}`, `/commits/{hash}`, `/commits/tag/{t}`, `/commits/branch/{b}`, `/pull-requests/{n}`, `/issues/{n}`, `/branches/compare/{b}..{a}` |
//! | Bitbucket Server | `/scm/{KEY}/{r}.git`, `/scm/~{user}/{r}.git`, `/projects/{KEY}/repos/{r}`, `/users/{user}/repos/{r}` | `/browse[/path][?at={ref}]`, `/commits/{hash}`, `/commits?until={ref}`, `/pull-requests/{n}`, `/compare/commits?targetBranch={a}&sourceBranch={b}` |
//! | Azure DevOps | `/{org}/{project}[/_git/{r}]`, `/{org}/_git/{r}` | `?path=…&version=GB{branch}`, `GT{tag}` or `GC{hash}`; `/commit/{hash}`, `/pullrequest/{n}`, `/branchCompare?baseVersion=…&targetVersion=…` |
//! | Gitea, Forgejo | `/{o}/{r}` | `/src/branch/{b}[/path]`, `/src/tag/{t}[/path]`, `/src/commit/{hash}[/path]`, `/raw/…`, `/blame/…`, `/commit/{hash}`, `/commits/branch/{b}`, `/pulls/{n}`, `/issues/{n}`, `/releases/tag/{t}`, `/compare/{a}...{b}` |
//! | any git server | its clone URL | `#name`, `#refs/heads/{b}`, `#refs/tags/{t}`, `#{hash}` (these work everywhere) |
//!
//! What was parsed prints in one canonical form, and that parses to the same again.
//!
//! ```
//! use gitpod_core::context::{ContextUrl, RefKind, Reference};
//!
//! let context: ContextUrl = "STAGE=dev/github.com/o/r/tree/feature/login/src".parse()?;
//! assert_eq!(context.env, [("STAGE".to_owned(), "dev".to_owned())]);
//! assert_eq!(context.to_string(), "STAGE=dev/https://github.com/o/r/tree/feature/login/src");
//! let page = context.repository()?;
//! assert_eq!(page.clone_url.as_str(), "https://github.com/o/r.git");
//! assert_eq!(page.reference.candidates()?, ["feature/login/src", "feature/login", "feature"]);
//!
//! let found = page.resolve(|name| (name == "feature/login").then_some(RefKind::Branch))?;
//! assert_eq!(found.reference, Reference::Branch("feature/login".to_owned()));
//! assert_eq!(found.path.as_deref(), Some("src"));
//! # Ok::<(), gitpod_core::Error>(())
//! ```

mod address;
mod encoding;
mod guess;
mod host;
mod issue;
mod page;
mod place;
mod platform;
mod prefix;
mod reference;
mod repository;
mod resolve;
mod url;

pub use host::{Hosts, Platform};
pub use issue::issue_branch;
pub use prefix::Referrer;
pub use reference::Reference;
pub use repository::RepositoryContext;
pub use resolve::RefKind;
pub use url::{ContextUrl, MAX_LENGTH, Subject};
