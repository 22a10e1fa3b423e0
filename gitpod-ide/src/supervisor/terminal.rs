//! Terminals: one shell each, many listeners, what was written last is kept.

mod listen;
mod mux;
mod ring;
mod session;

pub(crate) use listen::Heard;
pub(crate) use mux::{Filter, OpenOptions, Terminals, random_name};
pub(crate) use ring::Lagged;
pub(crate) use session::{Session, TitleSource};
