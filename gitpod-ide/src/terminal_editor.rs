//! The terminal editor: a page with a tab for each terminal of the workspace, served from inside the workspace.
//!
//! It holds no terminals itself: the page's WebSockets are joined to the supervisor's `TerminalService`, so a reload, a second
//! browser or a restart of this server loses nothing. It listens on the loopback interface only; who may reach it is decided by
//! the platform's proxy.

mod api;
mod assets;
mod link;
mod options;
mod origin;
mod serve;
mod socket;

pub use options::Options;
pub use serve::{main, router};
