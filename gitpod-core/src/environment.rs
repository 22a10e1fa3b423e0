//! Environment variables of a workspace: where they come from, which one counts, and which may not be set.
//!
//! From the weakest to the strongest: `env` of the configuration file, the organization, the user (per repository, by
//! [`RepositoryPattern`]), the project, the address that was opened. [`resolve`] merges them; `GITPOD_IMAGE_AUTH` is taken
//! apart into [`ImageAuth`], whatever source it comes from.

mod denied;
mod image_auth;
mod pattern;
mod resolve;
mod variable;

pub use denied::may_be_set_by_address;
pub use image_auth::ImageAuth;
pub use pattern::RepositoryPattern;
pub use resolve::{Environment, Purpose, Repository, Sources, resolve};
pub use variable::{
    IMAGE_AUTH, Ignored, MAX_NAME, MAX_PER_USER, MAX_VALUE, ProjectVariable, Source, UserVariable,
    Variable, check_variable, is_name,
};
