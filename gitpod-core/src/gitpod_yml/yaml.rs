//! A YAML reader with the grammar of the one that these files were written for: js-yaml 3 with its safe schema.
//!
//! Other readers disagree with it on files that exist: about tabs, about words such as `010` and `12:30`, about what may stand
//! where. The grammar, not the code, is that of js-yaml (MIT licence, by Vitaly Puzrin and others); places, limits and what
//! people are told are our own. Deliberately different: values that contain themselves, `%TAG`, and the types `!!binary`,
//! `!!omap`, `!!pairs` and `!!set` are refused.
//!
//! Each character is looked at a bounded number of times; nesting, the number of values, and what aliases repeat are limited.

mod block;
mod compose;
mod cursor;
mod document;
mod flow;
mod literal;
mod node;
mod pairs;
mod plain;
mod quoted;
mod scalar;
mod tag;

pub(super) use document::read;
pub(super) use node::{Entry, Node, Place, Value};
