//! What git says about the main repository, while somebody listens.

mod ask;
mod watch;

pub(crate) use ask::Repository;
pub(crate) use watch::GitWatch;
