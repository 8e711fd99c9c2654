// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether started services serve.
//!
//! A check of a configuration proves little: dnsmasq accepts options that fail when it opens its sockets. So a service
//! counts as started when it listens and still runs a moment later.

use hps::config::Cluster;
use hps::exec::services::{Service, ServiceManager};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long a service may need until it listens.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(10);
/// A mistake in its configuration ends a service within this time.
const SETTLE_TIME: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until each of them serves the cluster's address. Without a cluster: until it still runs a moment later.
///
/// # Errors
/// One line for the first that does not.
pub(super) fn wait(
    manager: &dyn ServiceManager,
    services: &[Service],
    cluster: Option<&Cluster>,
) -> anyhow::Result<()> {
    let check_runs = |service: Service| {
        if manager.is_running(service) {
            return Ok(());
        }
        let (program, log) = (service.program(), manager.log_command(service));
        anyhow::bail!("{program} was started but ended at once; see its log: {log}")
    };
    for service in services {
        let Some(address) = cluster.and_then(|cluster| service.listens_at(cluster)) else { continue };
        let begun = Instant::now();
        while is_refused(address) {
            check_runs(*service)?;
            if begun.elapsed() > LISTEN_TIMEOUT {
                let (program, seconds) = (service.program(), LISTEN_TIMEOUT.as_secs());
                anyhow::bail!("{program} was started but does not listen at {address} after {seconds} seconds");
            }
            std::thread::sleep(PAUSE);
        }
    }
    std::thread::sleep(SETTLE_TIME);
    services.iter().try_for_each(|service| check_runs(*service))
}

/// Whether a connection is refused. If a firewall drops the packets, there is no answer, and only the process counts.
fn is_refused(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_secs(1))
        .is_err_and(|e| e.kind() == ErrorKind::ConnectionRefused)
}
