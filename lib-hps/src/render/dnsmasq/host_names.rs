// SPDX-License-Identifier: GPL-3.0-or-later

use crate::host::Host;
use crate::types::DomainName;

/// The names of a host, as a file of `hostsdir`; `None` if it has no address or name yet. Address and first name give
/// the PTR record.
pub fn host_names(host: &Host, domain: &DomainName) -> Option<String> {
    let (address, name) = (host.address?, host.name.as_ref()?);
    Some(format!("{address} {name}.{domain} {name}\n"))
}
