// SPDX-License-Identifier: GPL-3.0-or-later
//! How a host is switched, as a person types it: `redfish://10.0.9.7`, `ipmi://bmc-7:623`, `wake-on-lan:`,
//! `command:/usr/local/sbin/pdu`.

use hps::types::{BmcAddress, PowerProtocol, SitePath};
use std::str::FromStr;

/// A protocol with its address or its program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PowerUrl {
    pub(super) protocol: PowerProtocol,
    pub(super) address: Option<BmcAddress>,
    pub(super) command: Option<SitePath>,
    pub(super) plain_http: bool,
}

impl FromStr for PowerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "{text:?}: expected redfish://ADDRESS, ipmi://ADDRESS, wake-on-lan: or command:/PATH, such as redfish://10.0.9.7"
            )
        };
        let (scheme, rest) = text.split_once(':').ok_or_else(unknown)?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let address = rest.strip_suffix('/').unwrap_or(rest);
        let at = |protocol| -> Result<Self, String> {
            let address = Some(address.parse::<BmcAddress>().map_err(|error| error.to_string())?);
            Ok(Self { protocol, address, command: None, plain_http: false })
        };
        match scheme {
            "redfish" | "https" => at(PowerProtocol::Redfish),
            "redfish+http" | "http" => Ok(Self { plain_http: true, ..at(PowerProtocol::Redfish)? }),
            "ipmi" => at(PowerProtocol::Ipmi),
            "wake-on-lan" | "wol" if rest.is_empty() => {
                Ok(Self { protocol: PowerProtocol::WakeOnLan, address: None, command: None, plain_http: false })
            }
            "wake-on-lan" | "wol" => match at(PowerProtocol::WakeOnLan)? {
                url if is_ipv4(url.address.as_ref()) => Ok(url),
                _ => Err(format!("{text:?}: expected the IPv4 broadcast address of the host's network")),
            },
            "command" => {
                let command = Some(rest.parse::<SitePath>().map_err(|error| error.to_string())?);
                Ok(Self { protocol: PowerProtocol::Command, address: None, command, plain_http: false })
            }
            _ => Err(unknown()),
        }
    }
}

fn is_ipv4(address: Option<&BmcAddress>) -> bool {
    address.is_some_and(|address| address.port().is_none() && address.host().parse::<std::net::Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        for (text, protocol, address, plain_http) in [
            ("redfish://10.0.9.7", PowerProtocol::Redfish, Some("10.0.9.7"), false),
            ("https://bmc-7.example:8443/", PowerProtocol::Redfish, Some("bmc-7.example:8443"), false),
            ("http://10.0.9.7", PowerProtocol::Redfish, Some("10.0.9.7"), true),
            ("ipmi://[fd00::7]", PowerProtocol::Ipmi, Some("[fd00::7]"), false),
            ("wol:", PowerProtocol::WakeOnLan, None, false),
            ("wake-on-lan://10.0.1.255", PowerProtocol::WakeOnLan, Some("10.0.1.255"), false),
            ("command:/usr/local/sbin/pdu", PowerProtocol::Command, None, false),
        ] {
            let url: PowerUrl = text.parse().unwrap();
            let shown = url.address.as_ref().map(ToString::to_string);
            assert_eq!((url.protocol, shown.as_deref(), url.plain_http), (protocol, address, plain_http), "{text}");
        }
        for bad in ["", "10.0.9.7", "redfish:", "redfish://user:secret@bmc", "ftp://x", "command:pdu", "wol://bmc-7"] {
            assert!(bad.parse::<PowerUrl>().is_err(), "{bad}");
        }
    }
}
