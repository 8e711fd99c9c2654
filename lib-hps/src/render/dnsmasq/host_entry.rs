// SPDX-License-Identifier: GPL-3.0-or-later

use crate::host::Host;
use crate::types::MacAddr;

/// The reservation of a host, as a file of `dhcp-hostsdir`; `None` if it has no address or name yet.
pub fn host_entry(host: &Host) -> Option<String> {
    let (address, name) = (host.address?, host.name.as_ref()?);
    let macs: Vec<String> = host.macs().map(MacAddr::colons).collect();
    Some(format!("{},{address},{name}\n", macs.join(",")))
}
