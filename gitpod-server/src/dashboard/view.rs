//! What pages say about a workspace. Pure: records in, words out.

mod changes;
mod disk;
mod happening;
mod ports;
mod row;
mod state;
mod steps;
mod time;

pub(super) use changes::Changes;
pub(super) use disk::Disk;
pub(super) use happening::Happening;
pub(super) use ports::PortRow;
pub(super) use row::{Row, without_userinfo};
pub(super) use state::State;
pub(super) use steps::StepRow;
pub(super) use time::{ago, short};
