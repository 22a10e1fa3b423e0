//! Context URLs: what a person pastes, and what it means.
//!
//! [`ContextUrl`] understands any git URL (`https://`, `http://`, `ssh://`, `git://`, `file://`, `git@host:owner/repo`, or a
//! bare `host/owner/repo`), a `#branch` behind it, the pages of the known platforms (`/tree/…`, `/commit/…`, `/pull/7`,
//! `/-/merge_requests/7`, `/src/branch/…`, …), and the prefixes in front of it. It asks nobody: which of several meanings a
//! name with slashes has is for a resolver to find out, in the order of [`Reference::candidates`].
//!
//! ```
//! use gitpod_core::context::{ContextUrl, Reference};
//!
//! let context: ContextUrl = "STAGE=dev/github.com/o/r/tree/feature/login".parse()?;
//! assert_eq!(context.clone_url.as_str(), "https://github.com/o/r.git");
//! assert_eq!(context.reference.candidates(), ["feature/login", "feature"]);
//! assert_eq!(context.env, [("STAGE".to_owned(), "dev".to_owned())]);
//! assert_eq!(context.to_string(), "STAGE=dev/https://github.com/o/r/tree/feature/login");
//! # Ok::<(), gitpod_core::Error>(())
//! ```

mod address;
mod page;
mod prefix;
mod reference;
mod url;

pub use prefix::Referrer;
pub use reference::Reference;
pub use url::{ContextUrl, MAX_LENGTH};
