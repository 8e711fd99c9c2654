// SPDX-License-Identifier: GPL-3.0-or-later
//! Time and logs: what the site provides for every host.

use super::placed_file::{MADE, PlacedFile};
use super::target_system::TargetSystem;
use crate::types::Method;

pub(super) fn files(host: &TargetSystem<'_>) -> Vec<PlacedFile> {
    let ntp = host.cluster.placement(host.address).ntp();
    let mut files = Vec::new();
    // Anaconda writes chrony's configuration itself.
    if host.family() == Method::Image && !ntp.is_empty() {
        let servers: Vec<String> = ntp.iter().map(ToString::to_string).collect();
        let text = format!("{MADE}[Time]\nNTP={}\n", servers.join(" "));
        files.push(PlacedFile::new("etc/systemd/timesyncd.conf.d/hps.conf", text));
    }
    if let Some(server) = host.cluster.network.syslog {
        // A log server that does not answer must not block programs that log: the queue has a limit and is on the disk.
        let text = format!(
            "{MADE}*.* action(type=\"omfwd\" target=\"{}\" port=\"{}\" protocol=\"{}\"\n    \
             queue.type=\"LinkedList\" queue.filename=\"hps-forward\" queue.maxDiskSpace=\"64m\" queue.saveOnShutdown=\"on\"\n    \
             action.resumeRetryCount=\"-1\")\n",
            server.address,
            server.port,
            if server.tcp { "tcp" } else { "udp" },
        );
        files.push(PlacedFile::new("etc/rsyslog.d/90-hps.conf", text));
    }
    files
}
