//! The person's own terminal.

use std::io;

use gitpod_core::proto::supervisor::TerminalSize;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use super::failure::Failure;

/// Passes each key on as it is typed, until dropped.
#[derive(Debug)]
pub(super) struct Raw(Saved);

/// Shows nothing of what is typed, until dropped.
#[derive(Debug)]
pub(super) struct Hidden(#[expect(dead_code, reason = "kept for its drop")] Saved);

impl Raw {
    pub(super) fn start() -> Result<Self, Failure> {
        Saved::change(Termios::make_raw).map(Self)
    }

    /// The terminal's size.
    pub(super) fn size(&self) -> Option<TerminalSize> {
        let _ = &self.0;
        size()
    }
}

impl Hidden {
    pub(super) fn start() -> Result<Self, Failure> {
        Saved::change(|modes| modes.local_modes.remove(LocalModes::ECHO)).map(Self)
    }
}

/// The modes to go back to.
#[derive(Debug)]
struct Saved(Termios);

impl Saved {
    fn change(f: impl FnOnce(&mut Termios)) -> Result<Self, Failure> {
        let failed = |e: rustix::io::Errno| Failure::io("cannot set up the terminal", &e.into());
        let saved = tcgetattr(io::stdin()).map_err(failed)?;
        let mut changed = saved.clone();
        f(&mut changed);
        tcsetattr(io::stdin(), OptionalActions::Now, &changed).map_err(failed)?;
        Ok(Self(saved))
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        // The terminal may be gone; then there is nothing to put back.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

fn size() -> Option<TerminalSize> {
    let size = tcgetwinsize(io::stdin()).ok()?;
    Some(TerminalSize {
        rows: size.ws_row.into(),
        cols: size.ws_col.into(),
        width_px: size.ws_xpixel.into(),
        height_px: size.ws_ypixel.into(),
    })
}
