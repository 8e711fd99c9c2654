// SPDX-License-Identifier: GPL-3.0-or-later

use hps::types::{HostName, check_not_reserved};

/// The name of this node, without its domain; `None` for one that cannot be published in DNS.
pub fn node_name() -> Option<HostName> {
    let system = rustix::system::uname();
    let name = system.nodename().to_str().ok()?;
    let label = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    label.parse().ok().filter(|name| check_not_reserved(name, None).is_ok())
}
