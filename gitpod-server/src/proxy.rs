//! Routes workspace and port hosts into instances.
