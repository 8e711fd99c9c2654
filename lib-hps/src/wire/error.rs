// SPDX-License-Identifier: GPL-3.0-or-later

use crate::types::InterfaceName;
use std::io::{self, ErrorKind};

/// Why nothing can be said about other machines of the network.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Only root may open such sockets.
    #[error("{interface}: other DHCP servers are not looked for: only root can do that (CAP_NET_RAW)")]
    NotRoot {
        /// The interface.
        interface: InterfaceName,
    },
    /// The interface does not exist.
    #[error("{interface}: no such interface; see: ip address")]
    NoInterface {
        /// The interface.
        interface: InterfaceName,
    },
    /// The interface is down.
    #[error("{interface}: the interface is down; bring it up with: ip link set {interface} up")]
    Down {
        /// The interface.
        interface: InterfaceName,
    },
    /// A DHCP client has the port for itself.
    #[error("{interface}: another program has port 68 for itself; to see which: ss -lnup sport = :68")]
    PortInUse {
        /// The interface.
        interface: InterfaceName,
    },
    /// A socket could not be opened.
    #[error("{interface}: cannot open a socket for DHCP")]
    Open {
        /// The interface.
        interface: InterfaceName,
        /// The system's reason.
        source: io::Error,
    },
    /// A question could not be sent.
    #[error("{interface}: cannot send a DHCPDISCOVER")]
    Send {
        /// The interface.
        interface: InterfaceName,
        /// The system's reason.
        source: io::Error,
    },
    /// An answer could not be read.
    #[error("{interface}: cannot read the answers to a DHCPDISCOVER")]
    Receive {
        /// The interface.
        interface: InterfaceName,
        /// The system's reason.
        source: io::Error,
    },
    /// A packet of wake-on-LAN could not be sent.
    #[error("{interface}: cannot send a packet of wake-on-LAN")]
    Wake {
        /// The interface.
        interface: InterfaceName,
        /// The system's reason.
        source: io::Error,
    },
    /// The kernel could not be asked which machine has an address.
    #[error("{interface}: cannot ask which machine has an address")]
    Probe {
        /// The interface.
        interface: InterfaceName,
        /// The system's reason.
        source: io::Error,
    },
}

impl WireError {
    /// A socket could not be opened: a known reason has its own line.
    pub(super) fn open(interface: &InterfaceName) -> impl Fn(io::Error) -> Self {
        let interface = interface.clone();
        move |source| {
            let interface = interface.clone();
            match source.kind() {
                ErrorKind::PermissionDenied => Self::NotRoot { interface },
                ErrorKind::AddrInUse => Self::PortInUse { interface },
                _ if is(&source, rustix::io::Errno::NODEV) => Self::NoInterface { interface },
                _ => Self::Open { interface, source },
            }
        }
    }

    /// An address could not be probed: a known reason has its own line.
    pub(super) fn probe(interface: &InterfaceName) -> impl Fn(io::Error) -> Self {
        Self::not_sent(interface, |interface, source| Self::Probe { interface, source })
    }

    /// A question could not be sent: a known reason has its own line.
    pub(super) fn send(interface: &InterfaceName) -> impl Fn(io::Error) -> Self {
        Self::not_sent(interface, |interface, source| Self::Send { interface, source })
    }

    /// A packet of wake-on-LAN could not be sent: a known reason has its own line.
    pub(super) fn wake(interface: &InterfaceName) -> impl Fn(io::Error) -> Self {
        Self::not_sent(interface, |interface, source| Self::Wake { interface, source })
    }

    /// Without an IPv4 side, which a down interface may lack, the network is unreachable.
    fn not_sent(
        interface: &InterfaceName,
        other: impl Fn(InterfaceName, io::Error) -> Self,
    ) -> impl Fn(io::Error) -> Self {
        let interface = interface.clone();
        move |source| {
            let interface = interface.clone();
            match source.kind() {
                ErrorKind::NetworkDown | ErrorKind::NetworkUnreachable => Self::Down { interface },
                _ if is(&source, rustix::io::Errno::NODEV) => Self::NoInterface { interface },
                _ => other(interface, source),
            }
        }
    }
}

fn is(error: &io::Error, errno: rustix::io::Errno) -> bool {
    error.raw_os_error() == Some(errno.raw_os_error())
}
