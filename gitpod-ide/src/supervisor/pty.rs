//! Pseudo-terminals.

mod child;
mod master;

pub(crate) use child::become_program;
pub(crate) use master::{Master, Size, open};
