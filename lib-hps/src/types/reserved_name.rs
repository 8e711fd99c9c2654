// SPDX-License-Identifier: GPL-3.0-or-later
//! Names that no host may get, because programs give them a meaning of their own.

use super::HostName;

/// The names of the site's services, which HPS publishes in DNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteAlias {
    /// The time servers.
    Ntp,
    /// The server for the logs of hosts.
    Syslog,
}

impl SiteAlias {
    const ALL: [Self; 2] = [Self::Ntp, Self::Syslog];

    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ntp => "ntp",
            Self::Syslog => "syslog",
        }
    }
}

/// Why a host may not have a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("name {name} is reserved: {why}; choose another name")]
pub struct ReservedName {
    name: HostName,
    why: &'static str,
}

/// Names that clients look up by themselves and trust. `HostName` refuses localhost and ips.
const TRUSTED: [(&str, &str); 2] = [
    ("wpad", "browsers take their proxy settings from the host of this name"),
    ("isatap", "Windows sends its IPv6 packets to the host of this name"),
];

/// Whether a host may get a name. A record that has it from before is still read. `node` is the name of this node.
///
/// # Errors
/// [`ReservedName`].
pub fn check_not_reserved(name: &HostName, node: Option<&HostName>) -> Result<(), ReservedName> {
    let trusted = TRUSTED.into_iter().find(|(reserved, _)| *reserved == name.as_str()).map(|(_, why)| why);
    let alias = SiteAlias::ALL.into_iter().find(|alias| alias.as_str() == name.as_str()).map(|alias| match alias {
        SiteAlias::Ntp => "in DNS it is the site's time server",
        SiteAlias::Syslog => "in DNS it is the site's server for logs",
    });
    let own = (node == Some(name)).then_some("it is the name of this provisioning node");
    match trusted.or(alias).or(own) {
        Some(why) => Err(ReservedName { name: name.clone(), why }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_refused_and_others_are_not() {
        let check = |name: &str, node: Option<&str>| {
            let node = node.map(|node| node.parse::<HostName>().unwrap());
            check_not_reserved(&name.parse().unwrap(), node.as_ref())
        };
        for name in ["wpad", "isatap", "ntp", "syslog"] {
            assert!(check(name, None).is_err(), "{name}");
        }
        assert!(check("node-1", Some("node-1")).is_err());
        for name in ["node-1", "sch-001", "ntp1", "wpad2"] {
            assert_eq!(check(name, Some("other")), Ok(()), "{name}");
        }
    }
}
