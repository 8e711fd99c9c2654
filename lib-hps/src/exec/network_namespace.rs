// SPDX-License-Identifier: GPL-3.0-or-later
//! A network namespace (network_namespaces(7)) with one port on a bridge of this machine: a client of its own, whose
//! packets come in by the bridge as those of a machine do.
//!
//! A namespace exists as long as a process or an open file refers to it, and the pair of interfaces (veth(4)) goes with
//! it. Its name in `/run/netns` is removed before it is used. So the kernel removes all of it when this process ends in
//! any way.

use super::{ExecError, Limit, NEVER, Run};
use crate::types::{InterfaceName, MacAddr};
use rustix::process::{Pid, test_kill_process};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::Path;

/// Where `ip netns` keeps its names (ip-netns(8)).
const NAMES: &str = "/run/netns";
const PREFIX: &str = "hps-client-";
/// The interface inside.
const INSIDE: &str = "client0";

/// A client on a bridge.
#[derive(Debug)]
pub struct NetworkNamespace {
    namespace: File,
    interface: InterfaceName,
    mac: MacAddr,
}

/// Whether a client can be put on this interface: it is a bridge, and a new port forwards at once. With the spanning
/// tree protocol (STP) a port is silent for up to 30 seconds.
pub fn takes_clients(interface: &InterfaceName) -> bool {
    let state = format!("/sys/class/net/{interface}/bridge/stp_state");
    std::fs::read_to_string(state).is_ok_and(|state| state.trim() == "0")
}

impl NetworkNamespace {
    /// A namespace whose interface has this MAC and no address, and is a port of `bridge`. Only root may make one.
    ///
    /// # Errors
    /// When `ip` is missing or fails.
    pub fn on_bridge(bridge: &InterfaceName, mac: MacAddr) -> Result<Self, ExecError> {
        remove_leftovers();
        let pid = std::process::id();
        let (name, outside) = (format!("{PREFIX}{pid}"), format!("hpsc{pid}"));
        ip(&["netns", "add", &name])?;
        let made = Self::connect(&name, &outside, bridge, mac);
        // From here on the open file keeps it.
        let removed = ip(&["netns", "delete", &name]);
        let made = made?;
        removed?;
        made.run(|| {
            ip(&["link", "set", "lo", "up"])?;
            ip(&["link", "set", INSIDE, "up"])
        })??;
        Ok(made)
    }

    fn connect(name: &str, outside: &str, bridge: &InterfaceName, mac: MacAddr) -> Result<Self, ExecError> {
        let namespace = File::open(Path::new(NAMES).join(name)).map_err(start)?;
        let interface = INSIDE.parse().map_err(|error| start(std::io::Error::other(format!("{error}"))))?;
        // A bridge takes the lowest MTU of its ports.
        let mtu = std::fs::read_to_string(format!("/sys/class/net/{bridge}/mtu")).map_err(start)?;
        let mtu = mtu.trim();
        let peer = ["peer", "name", INSIDE, "mtu", mtu, "address", &mac.colons(), "netns", name];
        // And the lowest MAC. This one is higher than that of any card.
        let link = ["link", "add", outside, "mtu", mtu, "address", "fe:ff:ff:48:50:53", "type", "veth"];
        ip(&[&link[..], &peer[..]].concat())?;
        ip(&["link", "set", outside, "master", bridge.as_str(), "up"])?;
        Ok(Self { namespace, interface, mac })
    }

    /// The interface inside.
    pub fn interface(&self) -> &InterfaceName {
        &self.interface
    }

    /// Its MAC.
    pub fn mac(&self) -> MacAddr {
        self.mac
    }

    /// Gives the interface an address.
    ///
    /// # Errors
    /// When `ip` fails.
    pub fn set_address(&self, address: ipnet::Ipv4Net) -> Result<(), ExecError> {
        self.run(|| ip(&["address", "replace", &address.to_string(), "dev", INSIDE]))?
    }

    /// Calls `work` on a thread inside. What it opens and starts is inside too.
    ///
    /// # Errors
    /// When the system refuses the way in.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, ExecError> {
        let enter = || {
            move_into_link_name_space(self.namespace.as_fd(), Some(LinkNameSpaceType::Network))
                .map_err(|error| start(error.into()))
        };
        std::thread::scope(|scope| {
            let inside = scope.spawn(|| enter().map(|()| work()));
            inside.join().unwrap_or_else(|_| Err(start(std::io::Error::other("the thread inside ended"))))
        })
    }
}

fn start(source: std::io::Error) -> ExecError {
    ExecError::Start { program: "the test client", source }
}

fn ip(arguments: &[&str]) -> Result<(), ExecError> {
    Run::new("ip", "iproute2").args(arguments).output(Limit::QUESTION, &NEVER).map(drop)
}

/// The name of a process that was killed between the two calls above.
fn remove_leftovers() {
    for entry in std::fs::read_dir(NAMES).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let pid = name.strip_prefix(PREFIX).and_then(|pid| Pid::from_raw(pid.parse().ok()?));
        if pid.is_some_and(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH)) {
            // It is in nobody's way, so it may stay.
            let _stays = ip(&["netns", "delete", &name]);
        }
    }
}
