use std::io;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::Pid;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcgetpgrp, tcsetwinsize};
use tokio::io::unix::AsyncFd;

use crate::supervisor::process::Stdio3;

/// Size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: u16,
    pub(crate) cols: u16,
    pub(crate) width_px: u16,
    pub(crate) height_px: u16,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            rows: 24,
            cols: 80,
            width_px: 0,
            height_px: 0,
        }
    }
}

/// Our end of a pseudo-terminal.
#[derive(Debug)]
pub(crate) struct Master(AsyncFd<OwnedFd>);

/// Opens a pseudo-terminal: our end, and the streams of the process that will sit at the other one.
///
/// # Errors
/// As the system says; it has no pseudo-terminal left, or `/dev/ptmx` is missing.
pub(crate) fn open(size: Size, owner: (u32, u32)) -> io::Result<(Master, Stdio3)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let peer = ioctl_tiocgptpeer(&master, flags)?;
    if rustix::process::geteuid().is_root() {
        // Programs such as tmux and ssh-keygen open the terminal by its name.
        std::os::unix::fs::fchown(&peer, Some(owner.0), Some(owner.1))?;
    }
    fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK)?;
    let stdio = Stdio3 {
        stdin: Stdio::from(peer.try_clone()?),
        stdout: Stdio::from(peer.try_clone()?),
        stderr: Stdio::from(peer),
    };
    let master = Master(registered(master)?);
    master.resize(size)?;
    Ok((master, stdio))
}

#[expect(
    deprecated,
    reason = "the replacement is unsafe because a type may lie about its descriptor; an OwnedFd does not"
)]
fn registered(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(fd)
}

impl Master {
    /// Reads what the terminal's programs wrote; 0 when none has it open any more.
    ///
    /// # Errors
    /// As the system says.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub(crate) async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut ready = self.0.readable().await?;
            match ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut *buffer)?)) {
                Ok(result) => return ended_is_zero(result),
                Err(_would_block) => {}
            }
        }
    }

    /// Reads what is there without waiting; `None` when there is nothing.
    pub(crate) fn read_now(&self, buffer: &mut [u8]) -> Option<usize> {
        match rustix::io::read(self.0.get_ref(), buffer) {
            Ok(0) | Err(_) => None,
            Ok(count) => Some(count),
        }
    }

    /// Types `input`; returns how much the terminal took at once.
    ///
    /// # Errors
    /// As the system says.
    pub(crate) async fn write(&self, input: &[u8]) -> io::Result<usize> {
        loop {
            let mut ready = self.0.writable().await?;
            match ready.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), input)?)) {
                Ok(result) => return result,
                Err(_would_block) => {}
            }
        }
    }

    /// Tells its programs the new size.
    ///
    /// # Errors
    /// As the system says.
    pub(crate) fn resize(&self, size: Size) -> io::Result<()> {
        let winsize = Winsize {
            ws_row: size.rows,
            ws_col: size.cols,
            ws_xpixel: size.width_px,
            ws_ypixel: size.height_px,
        };
        Ok(tcsetwinsize(self.0.get_ref(), winsize)?)
    }

    /// The process group in the foreground.
    pub(crate) fn foreground(&self) -> Option<Pid> {
        tcgetpgrp(self.0.get_ref()).ok()
    }
}

/// Linux answers EIO once the last program closed the terminal.
fn ended_is_zero(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => Ok(0),
        other => other,
    }
}
