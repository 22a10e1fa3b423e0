//! The agent inside each instance.
