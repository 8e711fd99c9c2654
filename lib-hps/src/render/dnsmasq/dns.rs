// SPDX-License-Identifier: GPL-3.0-or-later

use super::lines::Lines;
use crate::config::Cluster;

/// The lines of the name service.
pub(super) fn write(cluster: &Cluster, out: &mut Lines) {
    let (n, server) = (&cluster.network, cluster.server());
    out.line("\n# DNS");
    out.line("no-hosts");
    out.line("domain-needed");
    out.line("bogus-priv");
    out.line(format_args!("domain={}", n.domain));
    out.line(format_args!("local=/{}/", n.domain));
    out.line(format_args!("host-record=ips.{},{server}", n.domain));
}
