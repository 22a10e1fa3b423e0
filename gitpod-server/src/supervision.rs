//! Speaks to the supervisor inside an instance.
