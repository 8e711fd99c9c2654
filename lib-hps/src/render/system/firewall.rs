// SPDX-License-Identifier: GPL-3.0-or-later
//! The firewall: what comes in is dropped, but for ssh and the ports of the host's type. Rocky and AlmaLinux have firewalld, which
//! the kickstart tells the same.

use super::placed_file::{MADE, PlacedFile};
use crate::types::Ports;

/// Debian's `nftables.conf`. Its table is its own, so that those of libvirt and podman stay theirs; what their guests ask of this
/// host (addresses, names) is let in from their bridges. What is forwarded is theirs to judge.
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
