// SPDX-License-Identifier: GPL-3.0-or-later
//! The configuration of chronyd (chrony.conf(5)): this node as the time server of the site.

use crate::config::Cluster;
use std::fmt::Write as _;
use std::path::Path;

/// The last line of a whole configuration.
pub const END: &str = "# end of the chrony configuration of HPS";

/// Where chronyd writes its files.
#[derive(Debug)]
pub struct Places<'a> {
    /// The pid file.
    pub pid: &'a Path,
}

/// The whole configuration.
pub fn configuration(cluster: &Cluster, places: &Places<'_>) -> String {
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "{text}");
    };
    line(format_args!(
        "# Written by reload from the cluster {}. Changes are lost; edit the cluster file.",
        cluster.name
    ));
    for server in &cluster.time.upstream {
        line(format_args!("server {server} iburst"));
    }
    line(format_args!("\n# Hosts of the cluster, on its address alone"));
    line(format_args!("bindaddress {}", cluster.server()));
    line(format_args!("allow {}", cluster.network.address.trunc()));
    for subnet in &cluster.subnets {
        line(format_args!("allow {}", subnet.network));
    }
    line(format_args!("# Without upstream servers this clock counts, and hosts agree with each other"));
    line(format_args!("local stratum 10"));
    line(format_args!("\n# At the start a wrong clock is set at once, later slowly"));
    line(format_args!("makestep 1 3"));
    line(format_args!("rtcsync"));
    // The folder belongs to the package, and to the user that chronyd runs as.
    line(format_args!("driftfile /var/lib/chrony/hps.drift"));
    line(format_args!("pidfile {}", places.pid.display()));
    line(format_args!("\n# No commands: neither by UDP nor by a socket"));
    line(format_args!("cmdport 0"));
    line(format_args!("bindcmdaddress /"));
    line(format_args!("\n{END}"));
    out
}

/// Whether a configuration is whole.
pub fn is_complete(text: &str) -> bool {
    text.ends_with(&format!("\n{END}\n"))
}
