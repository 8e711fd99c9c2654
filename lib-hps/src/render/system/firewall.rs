// SPDX-License-Identifier: GPL-3.0-or-later
//! The firewall: incoming traffic is dropped, except ssh and the ports of the host's type. Rocky and AlmaLinux have
//! firewalld, which the kickstart configures in the same way.

use super::placed_file::{MADE, PlacedFile};
use crate::types::Ports;

/// Debian's `nftables.conf`. It has a table of its own, so that the tables of libvirt and podman stay unchanged.
/// Requests of their guests to this host (addresses, names) are accepted on their bridges. Forwarded traffic is decided
/// by their own rules.
pub(super) fn nftables(ports: &[Ports]) -> PlacedFile {
    let mut text = format!(
        "#!/usr/sbin/nft -f\n{MADE}\
         table inet hps\ndelete table inet hps\n\
         table inet hps {{\n  \
           chain input {{\n    \
             type filter hook input priority filter; policy drop;\n    \
             ct state established,related accept\n    \
             ct state invalid drop\n    \
             iifname \"lo\" accept\n    \
             meta l4proto {{ icmp, ipv6-icmp }} accept\n    \
             iifname {{ \"virbr*\", \"podman*\", \"cni*\" }} meta l4proto {{ tcp, udp }} th dport {{ 53, 67 }} accept\n    \
             tcp dport 22 accept\n"
    );
    for port in ports {
        text.push_str(&format!("    {} dport {} accept\n", port.protocol(), port.range()));
    }
    text.push_str("  }\n}\n");
    PlacedFile { mode: 0o755, ..PlacedFile::new("etc/nftables.conf", text) }
}
