//! The embedded runtime for Linux.
