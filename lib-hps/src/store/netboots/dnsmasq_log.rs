// SPDX-License-Identifier: GPL-3.0-or-later
//! What dnsmasq's log (`log-dhcp`) says of machines that boot over the network.
//!
//! The lines of one packet follow each other and have one transaction number. Texts of a client stand only at the end
//! of a line with a fixed beginning, and dnsmasq writes no control character of them. So no client can forge a line.

use super::wall_clock::{Clock, Wall, of_dnsmasq};
use crate::types::{ClientArchitecture, Line, MacAddr};
use std::net::Ipv4Addr;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DhcpEvent {
    /// A machine asked for an address, to boot over the network.
    Asked(Asked),
    /// The machine was offered or given this address.
    Address(MacAddr, Ipv4Addr),
    /// A file was sent to this address by TFTP.
    Sent(Ipv4Addr),
    /// The machine found that another one uses the address that it was given (RFC 2131, 4.4.4).
    Declined(MacAddr, Ipv4Addr),
    /// dnsmasq does not give out the address that is reserved for a host, for this reason.
    NotUsed(Ipv4Addr, Line),
}

/// The request of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) mac: MacAddr,
    pub(super) architecture: Option<ClientArchitecture>,
    pub(super) vendor_class: Option<Line>,
    /// Whether it was iPXE and no firmware.
    pub(super) is_ipxe: bool,
}

/// Length of `Nov 29 17:16:03`.
pub(super) const TIME_CHARS: usize = 15;

/// The packet whose lines are read now.
#[derive(Default)]
struct Packet<'a> {
    number: &'a str,
    vendor_class: Option<&'a str>,
    mac: Option<MacAddr>,
}

/// The events, with their times.
pub(super) fn events(text: &str, clock: Clock) -> Vec<(Wall, DhcpEvent)> {
    let mut events = Vec::new();
    let mut packet = Packet::default();
    for line in text.lines() {
        let Some((time, service, rest)) = parts(line) else { continue };
        let Some(time) = of_dnsmasq(time, clock.year) else { continue };
        if service == "dnsmasq-tftp" {
            let address = rest.strip_prefix("sent ").and_then(|rest| rest.rsplit_once(" to ")?.1.parse().ok());
            events.extend(address.map(|address| (time, DhcpEvent::Sent(address))));
            continue;
        }
        if service != "dnsmasq-dhcp" {
            continue;
        }
        if let Some(rest) = rest.strip_prefix("not using configured address ") {
            let (address, why) = rest.split_once(" because ").unwrap_or((rest, "unknown"));
            let event = address.parse().map(|address| DhcpEvent::NotUsed(address, Line::lossy(why)));
            events.extend(event.ok().map(|event| (time, event)));
            continue;
        }
        let Some((number, rest)) = rest.split_once(' ') else { continue };
        if number != packet.number {
            packet = Packet { number, ..Packet::default() };
        }
        if let Some(text) = rest.strip_prefix("vendor class: ") {
            packet.vendor_class = Some(text);
        } else if let Some(tags) = rest.strip_prefix("tags: ") {
            let asked = packet.mac.and_then(|mac| asked(mac, tags, packet.vendor_class));
            events.extend(asked.map(|asked| (time, DhcpEvent::Asked(asked))));
        } else if rest.starts_with("DHCPDISCOVER(") || rest.starts_with("DHCPREQUEST(") {
            packet.mac = words(rest).find_map(mac_of);
        } else if rest.starts_with("DHCPDECLINE(") {
            let mut words = words(rest);
            let address = words.next().and_then(|word| word.parse().ok());
            let mac = words.next().and_then(mac_of);
            events.extend(mac.zip(address).map(|(mac, address)| (time, DhcpEvent::Declined(mac, address))));
        } else if rest.starts_with("DHCPOFFER(") || rest.starts_with("DHCPACK(") {
            let mut words = words(rest);
            let address = words.next().and_then(|word| word.parse().ok());
            let mac = words.next().and_then(mac_of);
            events.extend(mac.zip(address).map(|(mac, address)| (time, DhcpEvent::Address(mac, address))));
            packet = Packet { number, ..Packet::default() };
        }
    }
    events
}

/// A request to boot over the network; `None` for a DHCP client of a running system, and for a question of HPS itself.
fn asked(mac: MacAddr, tags: &str, vendor_class: Option<&str>) -> Option<Asked> {
    let tags: Vec<&str> = tags.split(',').map(str::trim).collect();
    let tagged = tags.iter().find_map(|tag| tag.strip_prefix("arch")?.parse().ok().map(ClientArchitecture::new));
    let architecture = tagged.or_else(|| ClientArchitecture::from_vendor_class(vendor_class?));
    let is_ipxe = tags.contains(&"ipxe");
    let vendor_class = vendor_class.map(Line::lossy);
    let boots = !mac.is_of_discovery() && (architecture.is_some() || is_ipxe);
    boots.then_some(Asked { mac, architecture, vendor_class, is_ipxe })
}

/// Time, service and the rest of `Nov 29 17:16:03 dnsmasq-dhcp[22507]: 530948849 tags: arch7, br0`.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (time, rest) = line.split_at_checked(TIME_CHARS)?;
    let (service, rest) = rest.strip_prefix(' ')?.split_once('[')?;
    let (_, rest) = rest.split_once("]: ")?;
    Some((time, service, rest))
}

/// What follows `DHCPOFFER(br0)`.
fn words(rest: &str) -> impl Iterator<Item = &str> {
    rest.split_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

/// A MAC as dnsmasq writes it: with colons.
fn mac_of(word: &str) -> Option<MacAddr> {
    word.parse().ok().filter(|mac: &MacAddr| mac.colons() == word)
}
