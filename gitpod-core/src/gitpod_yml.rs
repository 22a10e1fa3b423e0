//! The repository's configuration file, `.gitpod.yml`.
