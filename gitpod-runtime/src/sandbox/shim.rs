//! The shim: one process per instance, which makes it, is the parent of its first process, serves commands for it, and records
//! its end. It outlives the server and the launcher; a new server finds it by its socket.

mod create;
mod exec;
mod log;
mod outlet;
mod serve;

use std::os::fd::OwnedFd;

use super::channel::Channel;
use super::confine::Filter;
use super::protocol::{Reply, Request};
use super::record::Place;
use super::sys;
use super::trouble::Trouble;

/// Does all a shim ever does: waits for the order on `channel`, fulfils it, serves until the instance ends.
pub(super) fn run(channel: Channel, filter: &Filter) -> ! {
    sys::process_name(c"gitpod-shim");
    sys::start_session();
    let code = match channel.receive::<Request>() {
        Ok(Some((Request::Start(start), streams))) => {
            match start_and_serve(&channel, &start, streams, filter) {
                Ok(()) => 0,
                Err(trouble) => {
                    // The server may be gone; what was made is undone either way.
                    let _ = channel.send(&Reply::Failed(trouble), &[]);
                    1
                }
            }
        }
        _ => 2,
    };
    sys::exit_now(code)
}

fn start_and_serve(
    channel: &Channel,
    start: &super::protocol::Start,
    streams: Vec<OwnedFd>,
    filter: &Filter,
) -> Result<(), Trouble> {
    let place = start.directory.as_deref().map(Place::new);
    // The socket first: from now on everybody can see that somebody is at work here.
    let listener = place.as_ref().map(Place::listen).transpose()?;
    let instance = create::create(start, streams, filter, place.as_ref())?;
    let served = serve::Server::new(instance, listener, channel, filter);
    served.and_then(serve::Server::run)
}
