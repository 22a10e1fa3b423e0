use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};

use super::check;

/// Network interfaces of this process's network namespace, set up by ioctl: four calls, no netlink conversation.
#[derive(Debug)]
pub(in crate::sandbox) struct Interface {
    socket: OwnedFd,
    name: [libc::c_char; libc::IFNAMSIZ],
}

impl Interface {
    /// The interface called `name`.
    pub(in crate::sandbox) fn new(name: &str) -> io::Result<Self> {
        let mut field = [0; libc::IFNAMSIZ];
        if name.len() >= field.len() {
            return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
        }
        for (to, from) in field.iter_mut().zip(name.bytes()) {
            *to = from.cast_signed();
        }
        let socket = socket_with(
            AddressFamily::INET,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok(Self {
            socket,
            name: field,
        })
    }

    /// Gives it an address.
    pub(in crate::sandbox) fn set_address(&self, address: Ipv4Addr, prefix: u8) -> io::Result<()> {
        self.request(
            libc::SIOCSIFADDR,
            libc::__c_anonymous_ifr_ifru {
                ifru_addr: socket_address(address),
            },
        )?;
        self.request(
            libc::SIOCSIFNETMASK,
            libc::__c_anonymous_ifr_ifru {
                ifru_netmask: socket_address(mask(prefix)),
            },
        )
    }

    /// Switches it on.
    pub(in crate::sandbox) fn bring_up(&self) -> io::Result<()> {
        let flags = libc::c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING).unwrap_or_default();
        self.request(
            libc::SIOCSIFFLAGS,
            libc::__c_anonymous_ifr_ifru { ifru_flags: flags },
        )
    }

    /// Sends everything that is for nobody near to `gateway`.
    #[expect(unsafe_code, reason = "the ioctl takes a pointer")]
    pub(in crate::sandbox) fn set_default_route(&self, gateway: Ipv4Addr) -> io::Result<()> {
        // SAFETY: all-zero bytes are a valid `rtentry` (null pointers, zero numbers).
        let mut route: libc::rtentry = unsafe { std::mem::zeroed() };
        route.rt_dst = socket_address(Ipv4Addr::UNSPECIFIED);
        route.rt_genmask = socket_address(Ipv4Addr::UNSPECIFIED);
        route.rt_gateway = socket_address(gateway);
        route.rt_flags = libc::RTF_UP | libc::RTF_GATEWAY;
        self.add(&route)
    }

    /// Makes a network unreachable, by whatever interface.
    #[expect(unsafe_code, reason = "the ioctl takes a pointer")]
    pub(in crate::sandbox) fn close_off(&self, network: Ipv4Addr, prefix: u8) -> io::Result<()> {
        // SAFETY: all-zero bytes are a valid `rtentry` (null pointers, zero numbers).
        let mut route: libc::rtentry = unsafe { std::mem::zeroed() };
        route.rt_dst = socket_address(network);
        route.rt_genmask = socket_address(mask(prefix));
        route.rt_flags = libc::RTF_UP | libc::RTF_REJECT;
        self.add(&route)
    }

    #[expect(unsafe_code, reason = "the ioctl takes a pointer")]
    fn add(&self, route: &libc::rtentry) -> io::Result<()> {
        // SAFETY: the route lives across the call, which reads it.
        check(i64::from(unsafe {
            libc::ioctl(
                self.socket.as_raw_fd(),
                libc::SIOCADDRT,
                std::ptr::from_ref(route),
            )
        }))
        .map(drop)
    }

    #[expect(unsafe_code, reason = "the ioctl takes a pointer")]
    fn request(&self, request: libc::Ioctl, value: libc::__c_anonymous_ifr_ifru) -> io::Result<()> {
        let block = libc::ifreq {
            ifr_name: self.name,
            ifr_ifru: value,
        };
        // SAFETY: the block lives across the call, which reads it.
        check(i64::from(unsafe {
            libc::ioctl(self.socket.as_raw_fd(), request, std::ptr::from_ref(&block))
        }))
        .map(drop)
    }
}

/// Switches the loopback interface on.
pub(in crate::sandbox) fn bring_up_loopback() -> io::Result<()> {
    Interface::new("lo")?.bring_up()
}

fn mask(prefix: u8) -> Ipv4Addr {
    let bits = 32 - u32::from(prefix.min(32));
    Ipv4Addr::from(u32::MAX.checked_shl(bits).unwrap_or(0))
}

#[expect(unsafe_code, reason = "two C views of one socket address")]
fn socket_address(address: Ipv4Addr) -> libc::sockaddr {
    let internet = libc::sockaddr_in {
        sin_family: libc::sa_family_t::try_from(libc::AF_INET).unwrap_or_default(),
        sin_port: 0,
        sin_addr: libc::in_addr {
            s_addr: u32::from_ne_bytes(address.octets()),
        },
        sin_zero: [0; 8],
    };
    // SAFETY: both types are plain data of the same size, made to be viewed as each other.
    unsafe { std::mem::transmute(internet) }
}
