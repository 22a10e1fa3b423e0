//! The editor: started, probed, started again, and explained when it fails.

mod config;
mod crashes;
mod output;
mod probe;
mod supervise;

pub(crate) use supervise::{Editor, EditorStatus, Setting};
