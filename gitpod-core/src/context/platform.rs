//! One file for each platform: what its pages say, and which page says a thing.

pub(super) mod azure;
pub(super) mod bitbucket;
pub(super) mod bitbucket_server;
pub(super) mod gitea;
pub(super) mod github;
pub(super) mod gitlab;
