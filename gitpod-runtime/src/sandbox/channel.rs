//! Messages with file descriptors, over a sequenced-packet socket.
//!
//! A message is one packet: a tag and JSON. What does not fit a packet travels in a memory file, whose descriptor is the
//! packet's first. All ends of all channels are our own code; sizes are bounded all the same.

use std::io::{self, IoSlice, IoSliceMut, Read as _, Seek as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::fs::{MemfdFlags, OFlags};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Largest body sent in the packet itself.
const INLINE: usize = 16 * 1024;
/// Largest body at all.
const LARGEST: u64 = 8 << 20;
/// Most descriptors of a message, the memory file not counted.
pub(super) const MOST_DESCRIPTORS: usize = 96;

const TAG_INLINE: u8 = 1;
const TAG_FILE: u8 = 2;

/// One end of a channel.
#[derive(Debug)]
pub(super) struct Channel(OwnedFd);

impl Channel {
    /// Two ends of a new channel.
    pub(super) fn pair() -> io::Result<(Self, Self)> {
        let (near, far) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self(near), Self(far)))
    }

    /// The end behind a descriptor.
    pub(super) fn from_fd(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// The descriptor.
    pub(super) fn into_fd(self) -> OwnedFd {
        self.0
    }

    /// Connects to a listening socket.
    pub(super) fn connect(address: &SocketAddrUnix) -> io::Result<Self> {
        let socket = new_socket()?;
        rustix::net::connect(&socket, address)?;
        Ok(Self(socket))
    }

    /// Listens; accept with [`Channel::accept`].
    pub(super) fn listen(address: &SocketAddrUnix) -> io::Result<OwnedFd> {
        let socket = new_socket()?;
        rustix::net::bind(&socket, address)?;
        rustix::net::listen(&socket, 128)?;
        set_nonblocking(socket.as_fd())?;
        Ok(socket)
    }

    /// Takes the next connection, if one waits.
    pub(super) fn accept(listener: BorrowedFd<'_>) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        Ok(Self(rustix::net::accept_with(listener, flags)?))
    }

    /// Makes calls fail with `WouldBlock` instead of waiting.
    pub(super) fn set_nonblocking(&self) -> io::Result<()> {
        set_nonblocking(self.0.as_fd())
    }

    /// Sends a message.
    pub(super) fn send<T: Serialize>(&self, message: &T, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        let body = serde_json::to_vec(message)?;
        if body.len() <= INLINE {
            return self.send_packet(TAG_INLINE, &body, fds);
        }
        let mut file = std::fs::File::from(rustix::fs::memfd_create(
            c"gitpod-message",
            MemfdFlags::CLOEXEC,
        )?);
        file.write_all(&body)?;
        file.rewind()?;
        let mut all = vec![file.as_fd()];
        all.extend_from_slice(fds);
        self.send_packet(TAG_FILE, &[], &all)
    }

    fn send_packet(&self, tag: u8, body: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        if fds.len() > MOST_DESCRIPTORS + 1 {
            return Err(io::Error::from_raw_os_error(libc::E2BIG));
        }
        let mut space =
            [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS + 1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(fds));
        }
        rustix::net::sendmsg(
            &self.0,
            &[IoSlice::new(&[tag]), IoSlice::new(body)],
            &mut control,
            SendFlags::NOSIGNAL,
        )?;
        Ok(())
    }

    /// Receives a message; `None` when the other end is closed.
    pub(super) fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        let mut buffer = vec![0_u8; INLINE + 1];
        let mut space =
            [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS + 1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = rustix::net::recvmsg(
            &self.0,
            &mut [IoSliceMut::new(&mut buffer)],
            &mut control,
            RecvFlags::CMSG_CLOEXEC,
        )?;
        let mut fds = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                fds.extend(rights);
            }
        }
        if received
            .flags
            .intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC)
        {
            return Err(io::Error::from_raw_os_error(libc::EMSGSIZE));
        }
        match buffer.get(..received.bytes) {
            Some([TAG_INLINE, body @ ..]) => Ok(Some((serde_json::from_slice(body)?, fds))),
            Some([TAG_FILE]) if !fds.is_empty() => {
                let file = std::fs::File::from(fds.remove(0));
                let mut body = Vec::new();
                file.take(LARGEST).read_to_end(&mut body)?;
                Ok(Some((serde_json::from_slice(&body)?, fds)))
            }
            Some([]) | None => Ok(None),
            Some(_) => Err(io::Error::from_raw_os_error(libc::EBADMSG)),
        }
    }
}

fn new_socket() -> io::Result<OwnedFd> {
    Ok(rustix::net::socket_with(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?)
}

fn set_nonblocking(fd: BorrowedFd<'_>) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(fd)?;
    Ok(rustix::fs::fcntl_setfl(fd, flags | OFlags::NONBLOCK)?)
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Channel {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_every_size_arrive_with_their_descriptors() {
        let (near, far) = Channel::pair().unwrap();
        for size in [0, 100, INLINE - 2, INLINE, 1 << 20] {
            let text = "x".repeat(size);
            near.send(&text, &[near.as_fd(), far.as_fd()]).unwrap();
            let (received, fds) = far.receive::<String>().unwrap().unwrap();
            assert_eq!((received.len(), fds.len()), (size, 2));
        }
        drop(near);
        assert!(far.receive::<String>().unwrap().is_none());
    }
}
