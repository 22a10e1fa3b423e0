//! Ports: which are served, which are configured, and what is to be done about each.

mod diag;
mod list;
mod proc_net;
mod watch;

pub(crate) use list::PortView;
pub(crate) use watch::Ports;
