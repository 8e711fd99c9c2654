// SPDX-License-Identifier: GPL-3.0-or-later
//! Machines that began to boot over the network and never asked the boot manager: those of another architecture, and
//! those whose boot loader does not run.
//!
//! The logs of dnsmasq and lighttpd are the source (decision 109). Only their newest part is read, so a flood of made-up
//! clients costs a bounded time and no disk.

mod address_trouble;
mod dnsmasq_log;
mod wall_clock;
mod web_log;

pub use address_trouble::AddressTrouble;

use super::{Paths, StoreError};
use crate::files::{self, IoError, check_mode};
use crate::types::{ClientArchitecture, Line, MacAddr, Timestamp, text_enum};
use dnsmasq_log::{Asked, DhcpEvent, TIME_CHARS};
use rustix::fs::OFlags;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::SystemTime;
use wall_clock::{Clock, Wall, of_dnsmasq};
use web_log::WebEvent;

/// The part of each log that is read: several thousand boots.
const MAX_LOG_BYTES: u64 = 16 << 20;
/// A machine that boots well needs less from its first packet to the boot manager.
const NETBOOT_TIME: u64 = 60;
/// An older one was probably switched off by a person.
const MAX_AGE: u64 = 7 * 86_400;
/// As many as can wait at the boot manager.
const MAX_MACHINES: usize = 4_096;
/// It has each day that a line may name.
const LEAP_YEAR: i32 = 2000;

text_enum! {
    /// How far a machine came.
    NetbootStage, "stage of a netboot",

    /// It asked for an address and was offered none.
    Asked = "asked",
    /// It got an address, and fetched nothing.
    Address = "address",
    /// It fetched the boot loader, which did not ask for an address.
    Loader = "loader",
    /// iPXE runs and has an address.
    Ipxe = "ipxe",
}

/// A machine that did not reach the boot manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedNetboot {
    /// The MAC that it boots from.
    pub mac: MacAddr,
    /// The address that it was offered.
    pub address: Option<Ipv4Addr>,
    /// Its architecture, as it sends it.
    pub architecture: Option<ClientArchitecture>,
    /// Its vendor class, as it sends it.
    pub vendor_class: Option<Line>,
    /// How far it came.
    pub stage: NetbootStage,
    /// When it began to try.
    pub first: Timestamp,
    /// Its last sign.
    pub last: Timestamp,
}

/// The netboots in the logs.
#[derive(Debug, Clone, Copy)]
pub struct Netboots<'a> {
    paths: &'a Paths,
}

impl<'a> Netboots<'a> {
    pub(super) fn new(paths: &'a Paths) -> Self {
        Self { paths }
    }

    /// The machines that did not reach the boot manager, the one that began first in front; at most 4,096, the newest.
    ///
    /// # Errors
    /// When a log cannot be read, or others can write it. A missing log has no lines.
    pub fn stopped(self, now: Timestamp) -> Result<Vec<StoppedNetboot>, StoreError> {
        let Some((dnsmasq, written)) = read(&self.paths.dnsmasq_log())? else { return Ok(Vec::new()) };
        let web = read(&self.paths.web_log_dir().join("access.log"))?;
        Ok(stopped(&dnsmasq, written, web.as_ref().map(|(text, written)| (text.as_str(), *written)), now))
    }

    /// The addresses that machines or dnsmasq found to be in use in the last day, the newest trouble of each.
    ///
    /// # Errors
    /// When the log cannot be read, or others can write it. A missing log has no lines.
    pub fn address_troubles(self, now: Timestamp) -> Result<Vec<AddressTrouble>, StoreError> {
        let Some((dnsmasq, written)) = read(&self.paths.dnsmasq_log())? else { return Ok(Vec::new()) };
        Ok(address_trouble::find(&dnsmasq, clock_of(&dnsmasq, written), now))
    }
}

/// One machine while the logs are read.
struct Machine {
    asked: Asked,
    address: Option<Ipv4Addr>,
    stage: NetbootStage,
    first: Wall,
    last: Wall,
}

#[derive(Debug)]
enum Event {
    Dhcp(DhcpEvent),
    Web(WebEvent),
}

/// The clock of a log of dnsmasq, whose lines have no year.
fn clock_of(dnsmasq: &str, written: SystemTime) -> Clock {
    let times = dnsmasq.lines().rev().filter_map(|line| line.get(..TIME_CHARS));
    let last_time = times.into_iter().find(|time| of_dnsmasq(time, LEAP_YEAR).is_some());
    Clock::new(last_time.unwrap_or(""), written)
}

fn stopped(dnsmasq: &str, written: SystemTime, web: Option<(&str, SystemTime)>, now: Timestamp) -> Vec<StoppedNetboot> {
    let clock = clock_of(dnsmasq, written);
    let mut events: Vec<(Wall, Event)> =
        dnsmasq_log::events(dnsmasq, clock).into_iter().map(|(time, event)| (time, Event::Dhcp(event))).collect();
    let mut covered = Wall::MIN;
    if let Some((text, written)) = web {
        let (first, found) = web_log::events(text);
        // An empty log was emptied when it was last written.
        covered = first.unwrap_or_else(|| clock.wall(written));
        events.extend(found.into_iter().map(|(time, event)| (time, Event::Web(event))));
    }
    // A stable sort: within a second, DHCP comes before what the machine fetches.
    events.sort_by_key(|(time, _)| *time);
    let machines = machines(events);
    let mut stopped: Vec<StoppedNetboot> = machines
        .into_iter()
        .filter(|(_, machine)| machine.first >= covered)
        .map(|(mac, machine)| StoppedNetboot {
            mac,
            address: machine.address,
            architecture: machine.asked.architecture,
            vendor_class: machine.asked.vendor_class,
            stage: machine.stage,
            first: clock.moment(machine.first),
            last: clock.moment(machine.last),
        })
        .filter(|stopped| now.since(stopped.first) >= NETBOOT_TIME && now.since(stopped.last) <= MAX_AGE)
        .collect();
    stopped.sort_by_key(|stopped| stopped.first);
    let too_many = stopped.len().saturating_sub(MAX_MACHINES);
    stopped.split_off(too_many)
}

/// The machines that did not reach the boot manager since they began to boot.
fn machines(events: Vec<(Wall, Event)>) -> BTreeMap<MacAddr, Machine> {
    let mut machines: BTreeMap<MacAddr, Machine> = BTreeMap::new();
    let mut addresses: HashMap<Ipv4Addr, MacAddr> = HashMap::new();
    for (time, event) in events {
        match event {
            Event::Dhcp(DhcpEvent::Asked(asked)) => {
                let stage = if asked.is_ipxe { NetbootStage::Ipxe } else { NetbootStage::Asked };
                let machine = machines.entry(asked.mac).or_insert_with(|| Machine {
                    asked: asked.clone(),
                    address: None,
                    stage,
                    first: time,
                    last: time,
                });
                machine.last = time;
                machine.stage = machine.stage.max(stage);
                // What the firmware sends counts more than what iPXE sends.
                if !asked.is_ipxe {
                    machine.asked = asked;
                }
            }
            Event::Dhcp(DhcpEvent::Address(mac, address)) => {
                addresses.insert(address, mac);
                if let Some(machine) = machines.get_mut(&mac) {
                    machine.address = Some(address);
                    machine.stage = machine.stage.max(NetbootStage::Address);
                }
            }
            Event::Dhcp(DhcpEvent::Sent(address)) | Event::Web(WebEvent::Loader(address)) => {
                if let Some(machine) = addresses.get(&address).and_then(|mac| machines.get_mut(mac)) {
                    machine.last = time;
                    machine.stage = machine.stage.max(NetbootStage::Loader);
                }
            }
            Event::Dhcp(DhcpEvent::Declined(..) | DhcpEvent::NotUsed(..)) => {}
            Event::Web(WebEvent::BootManager(address)) => {
                if let Some(mac) = addresses.get(&address) {
                    machines.remove(mac);
                }
            }
        }
    }
    machines
}

/// The newest part of a log, and when it was last written; `None` if there is none. dnsmasq and lighttpd own their logs
/// as users of their own.
fn read(path: &Path) -> Result<Option<(String, SystemTime)>, StoreError> {
    let mut file = match files::open_plain(path, OFlags::RDONLY) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(IoError::new("read", path, error).into()),
    };
    let metadata = file.metadata().map_err(IoError::during("read", path))?;
    check_mode(path, &metadata)?;
    let written = metadata.modified().map_err(IoError::during("read", path))?;
    let text = tail(&mut file).map_err(IoError::during("read", path))?;
    Ok(Some((text, written)))
}

fn tail(file: &mut File) -> std::io::Result<String> {
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(MAX_LOG_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(MAX_LOG_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // The first line may be cut.
    let whole = if size > MAX_LOG_BYTES { text.find('\n').map_or(text.len(), |at| at + 1) } else { 0 };
    Ok(text.get(whole..).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests;
