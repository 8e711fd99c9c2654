// SPDX-License-Identifier: GPL-3.0-or-later
//! Addresses that are in use, by the log of dnsmasq.

use super::dnsmasq_log::{DhcpEvent, events};
use super::wall_clock::Clock;
use crate::types::{Line, MacAddr, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

/// An older one is probably over.
const MAX_AGE: u64 = 86_400;

/// An address that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressTrouble {
    /// The address.
    pub address: Ipv4Addr,
    /// The machine that declined it; `None` if dnsmasq did not give it out.
    pub declined_by: Option<MacAddr>,
    /// Why dnsmasq did not give it out, in its words; empty if a machine declined it.
    pub reason: Line,
    /// When, last.
    pub last: Timestamp,
}

/// One line, without advice.
impl fmt::Display for AddressTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, declined_by, reason, last } = self;
        match declined_by {
            Some(mac) => {
                write!(f, "{} declined address {address} at {last}, because another machine uses it", mac.colons())
            }
            None => write!(f, "dnsmasq did not give out the reserved address {address} at {last}, because {reason}"),
        }
    }
}

/// The newest trouble of each address in the last day.
pub(super) fn find(log: &str, clock: Clock, now: Timestamp) -> Vec<AddressTrouble> {
    let mut troubles = BTreeMap::new();
    for (time, event) in events(log, clock) {
        let (address, declined_by, reason) = match event {
            DhcpEvent::Declined(mac, address) => (address, Some(mac), Line::lossy("")),
            DhcpEvent::NotUsed(address, reason) => (address, None, reason),
            _ => continue,
        };
        let last = clock.moment(time);
        if now.since(last) <= MAX_AGE {
            // What a machine said is more than what dnsmasq makes of it afterwards.
            let known = troubles.entry(address).or_insert(AddressTrouble {
                address,
                declined_by,
                reason: reason.clone(),
                last,
            });
            let declined_by = declined_by.or(known.declined_by);
            *known = AddressTrouble { address, declined_by, reason, last };
        }
    }
    troubles.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn what_dnsmasq_logs_of_addresses_in_use_is_found_for_a_day() {
        let now: Timestamp = "2026-11-29T17:30:00Z".parse().unwrap();
        let clock = Clock::new("Nov 29 17:30:00", UNIX_EPOCH + Duration::from_secs(now.as_unix()));
        let log = "Nov 27 17:00:00 dnsmasq-dhcp[7]: 12 DHCPDECLINE(br0) 10.0.0.8 52:54:00:00:00:08 \n\
            Nov 29 17:00:00 dnsmasq-dhcp[7]: 99 DHCPDECLINE(br0) 10.0.0.9 52:54:00:00:00:01 \n\
            Nov 29 17:00:00 dnsmasq-dhcp[7]: disabling DHCP static address 10.0.0.9 for 10m\n\
            Nov 29 17:00:05 dnsmasq-dhcp[7]: not using configured address 10.0.0.9 because it was previously declined\n\
            Nov 29 17:10:00 dnsmasq-dhcp[7]: not using configured address 10.0.0.7 because it is leased to 52:54:00:00:00:07\n";
        let found = find(log, clock, now);
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert_eq!(found[1].declined_by, Some("525400000001".parse().unwrap()));
        assert!(texts[0].contains("10.0.0.7") && texts[0].contains("leased to 52:54:00:00:00:07"), "{texts:?}");
        assert!(texts[1].contains("52:54:00:00:00:01 declined address 10.0.0.9"), "{texts:?}");
    }
}
