// SPDX-License-Identifier: GPL-3.0-or-later
//! The services: their names, when a cluster needs them, where they listen, and what can be wrong with one.

use crate::config::Cluster;
use crate::exec::error::ExecError;
use std::net::SocketAddr;
use std::path::PathBuf;

/// One of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// DHCP, TFTP, DNS.
    Dnsmasq,
    /// HTTP.
    Lighttpd,
    /// The time server, only if the cluster has `time.server`.
    Chronyd,
    /// `host-state notify --follow`, only if the cluster names a command.
    Notify,
    /// `hps-web`, only if the cluster has `web.server`.
    Web,
    /// The lighttpd in front of it.
    WebTls,
    /// The helper that makes changes over the API, only if the cluster has `web.changes`.
    WebChanges,
}

impl Service {
    /// All there can be.
    pub const ALL: [Self; 7] =
        [Self::Dnsmasq, Self::Lighttpd, Self::Chronyd, Self::Notify, Self::Web, Self::WebTls, Self::WebChanges];

    /// The program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Dnsmasq => "dnsmasq",
            Self::Lighttpd => "lighttpd",
            Self::Chronyd => "chronyd",
            Self::Notify => "hps-notify",
            Self::Web => "hps-web",
            Self::WebTls => "hps-web-tls",
            Self::WebChanges => "hps-web-changes",
        }
    }

    /// The name under a service manager: `hps-dnsmasq`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Dnsmasq => "hps-dnsmasq",
            Self::Lighttpd => "hps-lighttpd",
            Self::Chronyd => "hps-chronyd",
            Self::Notify => "hps-notify",
            Self::Web => "hps-web",
            Self::WebTls => "hps-web-tls",
            Self::WebChanges => "hps-web-changes",
        }
    }

    /// Whether this cluster needs it.
    pub fn is_wanted(self, cluster: &Cluster) -> bool {
        match self {
            Self::Dnsmasq | Self::Lighttpd => true,
            Self::Chronyd => cluster.time.server,
            Self::Notify => cluster.install.notify.is_some(),
            Self::Web | Self::WebTls => cluster.web.server,
            Self::WebChanges => cluster.web.server && cluster.web.changes,
        }
    }

    /// Where it accepts connections. dnsmasq opens all its sockets before it goes into the background; a test can only
    /// connect to its DNS socket.
    pub fn listens_at(self, cluster: &Cluster) -> Option<SocketAddr> {
        match self {
            Self::Dnsmasq => Some((cluster.server(), 53).into()),
            Self::Lighttpd => Some((cluster.server(), cluster.network.http_port).into()),
            Self::WebTls => Some((cluster.web.address.unwrap_or(cluster.server()), cluster.web.port).into()),
            Self::Chronyd | Self::Notify | Self::Web | Self::WebChanges => None,
        }
    }
}

/// What is wrong with a service.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A program failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A process does not end.
    #[error("process {pid} of {program} does not end; end it by hand and run reload again")]
    DoesNotEnd {
        /// Its number.
        pid: i32,
        /// Its program.
        program: &'static str,
    },
    /// It started, but ended a moment later.
    #[error("{program} ended at once; see its log below {}", log.display())]
    EndedAtOnce {
        /// The program.
        program: &'static str,
        /// Where its reason may be.
        log: PathBuf,
    },
    /// A file that a process needs could not be written, or its program could not be started.
    #[error("{program} cannot be started: {}: {problem}", path.display())]
    Prepare {
        /// The program.
        program: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        problem: std::io::Error,
    },
    /// The user that it runs as does not exist.
    #[error("{program} cannot be started: the user {user} is missing; reload makes it")]
    NoUser {
        /// The program.
        program: &'static str,
        /// The name.
        user: &'static str,
    },
    /// A signal could not be sent.
    #[error("process {pid} of {program} cannot be signalled: {problem}")]
    Signal {
        /// Its number.
        pid: i32,
        /// Its program.
        program: &'static str,
        /// The system's reason.
        problem: std::io::Error,
    },
}
