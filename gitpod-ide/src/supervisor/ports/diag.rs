use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};

/// Asks the kernel for listening TCP sockets (`sock_diag`, see `sock_diag(7)`).
///
/// A dump of listeners walks the few hash buckets that hold them; reading `/proc/net/tcp` walks every bucket for connections
/// too, those of the whole machine, which costs two hundred times as much.
#[derive(Debug)]
pub(super) struct SockDiag(OwnedFd);

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const HEADER: usize = 16;
const IPPROTO_TCP: u8 = 6;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
/// Bit of the state LISTEN in the mask of states.
const LISTEN: u32 = 1 << 10;
/// Header, family, protocol, extensions, padding, states, and an empty socket id.
const REQUEST: usize = HEADER + 8 + 48;
/// Where an answer holds the local port: after header, family, state, timer and retransmissions.
const PORT_AT: usize = HEADER + 4;
/// No listener list is longer; a hostile kernel is out of scope, a bug is not.
const MAX_READS: usize = 4096;

impl SockDiag {
    /// Opens the channel to the kernel.
    ///
    /// # Errors
    /// Netlink sockets are not allowed here.
    pub(super) fn open() -> io::Result<Self> {
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )?;
        Ok(Self(socket))
    }

    /// Ports with a listener, of both families.
    ///
    /// # Errors
    /// The kernel refuses, or answers what cannot be understood.
    pub(super) fn listening(&self) -> io::Result<BTreeSet<u16>> {
        let mut ports = BTreeSet::new();
        for family in [AF_INET, AF_INET6] {
            send(&self.0, &request(family), SendFlags::empty())?;
            self.collect(&mut ports)?;
        }
        Ok(ports)
    }

    fn collect(&self, ports: &mut BTreeSet<u16>) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        for _ in 0..MAX_READS {
            // The kernel has its answer ready when the request returns: this never blocks.
            let (count, _) = recv(&self.0, &mut buffer[..], RecvFlags::empty())?;
            if parse(&buffer[..count], ports)? {
                return Ok(());
            }
        }
        Err(io::Error::from(io::ErrorKind::InvalidData))
    }
}

fn request(family: u8) -> [u8; REQUEST] {
    let mut message = [0; REQUEST];
    let length = u32::try_from(REQUEST).unwrap_or(u32::MAX);
    message[..4].copy_from_slice(&length.to_ne_bytes());
    message[4..6].copy_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message[6..8].copy_from_slice(&(NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
    message[HEADER] = family;
    message[HEADER + 1] = IPPROTO_TCP;
    message[HEADER + 4..HEADER + 8].copy_from_slice(&LISTEN.to_ne_bytes());
    message
}

/// Reads one datagram of an answer; true when the answer is complete.
fn parse(mut data: &[u8], ports: &mut BTreeSet<u16>) -> io::Result<bool> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    while !data.is_empty() {
        let header: [u8; HEADER] = data
            .get(..HEADER)
            .and_then(|header| header.try_into().ok())
            .ok_or_else(invalid)?;
        let [a, b, c, d, kind_low, kind_high, ..] = header;
        let length = usize::try_from(u32::from_ne_bytes([a, b, c, d])).map_err(|_| invalid())?;
        let message = data.get(..length.max(HEADER)).ok_or_else(invalid)?;
        match u16::from_ne_bytes([kind_low, kind_high]) {
            NLMSG_DONE => return Ok(true),
            NLMSG_ERROR => return Err(io::Error::from(io::ErrorKind::PermissionDenied)),
            _ => {
                let port = message.get(PORT_AT..PORT_AT + 2).ok_or_else(invalid)?;
                ports.insert(u16::from_be_bytes([port[0], port[1]]));
            }
        }
        data = data
            .get(message.len().next_multiple_of(4)..)
            .unwrap_or_default();
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv6Addr, TcpListener};

    use super::*;

    #[test]
    fn listeners_of_both_families_are_seen_and_vanish() {
        let diag = SockDiag::open().unwrap();
        let four = TcpListener::bind("127.0.0.1:0").unwrap();
        let six = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
        let ports = [&four, &six].map(|listener| listener.local_addr().unwrap().port());
        let seen = diag.listening().unwrap();
        assert!(
            ports.iter().all(|port| seen.contains(port)),
            "{ports:?} in {seen:?}"
        );
        drop(four);
        assert!(!diag.listening().unwrap().contains(&ports[0]));
    }

    #[test]
    fn malformed_answers_are_errors() {
        let mut ports = BTreeSet::new();
        assert!(parse(&[1, 2, 3], &mut ports).is_err());
        let mut short = [0_u8; HEADER];
        short[0] = 200;
        assert!(parse(&short, &mut ports).is_err());
        let empty = [0_u8; HEADER];
        assert!(parse(&empty, &mut ports).is_err());
    }
}
