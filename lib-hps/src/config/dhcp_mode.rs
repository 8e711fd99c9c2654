// SPDX-License-Identifier: GPL-3.0-or-later

use crate::types::text_enum;

text_enum! {
    /// Who gives addresses on the cluster's network.
    #[derive(Default)]
    DhcpMode, "DHCP mode",

    /// dnsmasq of this node, with the boot file.
    #[default]
    Server = "server",
    /// Another server; dnsmasq of this node adds the boot file (proxyDHCP, PXE specification 2.1, section 2.2).
    Proxy = "proxy",
    /// Another server, with the boot file too: `reload --print` prints its lines.
    None = "none",
}
