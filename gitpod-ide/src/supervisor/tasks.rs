//! Tasks: each in a terminal of its own, which stays open for people when the task's command line has ended.

pub(crate) mod keep;
mod marker;
mod script;
mod set;

pub(crate) use set::{Setting, TaskView, Tasks};
