//! Child processes: started, signalled and reaped in one place, so that no process id is used after it was given back.

mod command;
mod exit;
mod reaper;
mod tree;

pub(crate) use command::{Program, Stdio3};
pub(crate) use exit::Exit;
pub(crate) use reaper::{Child, Processes, wait};
pub(crate) use tree::{Member, descendants, session_members, snapshot};
