// SPDX-License-Identifier: GPL-3.0-or-later

use super::lines::Lines;
use super::places::Places;
use crate::config::Cluster;

/// A boot loader for one kind of client, by its architecture in DHCP option 93 (RFC 4578, and later IANA's list).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootLoader {
    /// The file in the TFTP folder.
    pub file: String,
    /// The architectures it serves.
    pub architectures: Vec<u16>,
    /// Those of them that fetch it by HTTP (RFC 5970) instead of TFTP.
    pub http_architectures: Vec<u16>,
}

/// The lines of TFTP, and of the boot loader that each client is offered.
pub(super) fn write(cluster: &Cluster, loaders: &[BootLoader], places: &Places<'_>, out: &mut Lines) {
    let server = cluster.server();
    out.line("\n# Boot: firmware gets iPXE for its architecture, iPXE gets the boot manager");
    out.line("enable-tftp");
    out.line(format_args!("tftp-root={}", places.tftp.display()));
    out.line("dhcp-match=set:ipxe,175");
    for loader in loaders {
        for code in loader.architectures.iter().filter(|code| !loader.http_architectures.contains(code)) {
            out.line(format_args!("dhcp-match=set:arch{code},option:client-arch,{code}"));
            out.line(format_args!("dhcp-boot=tag:arch{code},tag:!ipxe,{},,{server}", loader.file));
        }
        for code in &loader.http_architectures {
            out.line(format_args!("dhcp-match=set:arch{code},option:client-arch,{code}"));
            // A client that boots by HTTP accepts only an answer that says so.
            out.line(format_args!("dhcp-option-force=tag:arch{code},tag:!ipxe,60,HTTPClient"));
            out.line(format_args!("dhcp-boot=tag:arch{code},tag:!ipxe,{}/boot/{}", cluster.base_url(), loader.file));
        }
    }
    out.line(format_args!("dhcp-boot=tag:ipxe,{}?cmd=init", cluster.boot_manager_url()));
}
