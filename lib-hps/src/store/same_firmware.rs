// SPDX-License-Identifier: GPL-3.0-or-later
//! Machines whose firmware reports the same serial or UUID: a value of two machines identifies neither, and a known
//! host may have another card.

use super::StoreError;
use super::hosts::Hosts;
use super::parts::Parts;
use super::pending::{Pending, PendingMachines};
use crate::host::Host;
use crate::types::{FirmwareInfo, Line, MacAddr, Timestamp, is_placeholder_serial, is_placeholder_uuid};

/// A machine that waits asks every half minute. One that did not ask for a day is off, or is a host by another card.
const WAITING_SECONDS: u64 = 86_400;

/// A serial or UUID that several machines report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedValue {
    /// `serial` or `uuid`.
    pub key: &'static str,
    /// The value.
    pub value: Line,
    /// Another machine that reports it: name or MAC.
    pub other: String,
}

/// `serial S1 identifies no machine: sch-001 reports it too`.
impl std::fmt::Display for SharedValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key, value, other } = self;
        write!(f, "{key} {value} identifies no machine: {other} reports it too")
    }
}

/// A host that an unknown machine probably is, with a card that HPS does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbableHost {
    /// Name or MAC.
    pub host: String,
    /// By which value: `UUID` or `serial`.
    pub by: &'static str,
    /// Its cards, the one that names its record first.
    pub macs: Vec<MacAddr>,
    /// The card that it asked with.
    pub card: MacAddr,
}

impl ProbableHost {
    /// Whether both report the same UUID, and not only the same serial.
    pub fn is_by_uuid(&self) -> bool {
        self.by == "UUID"
    }
}

/// A value of the firmware proves nothing, and a host may have a further card: both commands are named.
impl std::fmt::Display for ProbableHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, by, macs, card } = self;
        let all: Vec<String> = macs.iter().chain([card]).map(|mac| mac.colons()).collect();
        let old = match macs.as_slice() {
            [only] => only.colons(),
            _ => "OLD".to_owned(),
        };
        write!(
            f,
            "this machine says that it is {host} (same {by}), with an unknown card; for a further card: host-state set {host} macs={}; only if the old card is gone: host-state replace-nic {host} {old} {}",
            all.join(","),
            card.colons()
        )
    }
}

/// The machines that reported something.
#[derive(Debug)]
pub struct SameFirmware {
    hosts: Vec<Host>,
    waiting: Vec<Pending>,
}

impl SameFirmware {
    /// Reads all records and the notes of unknown machines. A file that cannot be read hides no other, and is reported
    /// elsewhere.
    pub(super) fn read(parts: Parts<'_>) -> Result<Self, StoreError> {
        let hosts = Hosts::new(parts).list()?.into_iter().filter_map(|file| file.host.ok()).collect();
        let waiting = PendingMachines::new(parts.records).list()?.waiting;
        Ok(Self { hosts, waiting })
    }

    /// The same, without records that have neither the serial nor the UUID of `firmware`.
    pub(super) fn read_like(parts: Parts<'_>, firmware: &FirmwareInfo) -> Result<Self, StoreError> {
        let values: Vec<&str> = [&firmware.serial, &firmware.uuid].into_iter().flatten().map(Line::as_str).collect();
        let hosts = Hosts::new(parts).with_a_text(&values)?.into_iter().filter_map(|file| file.host.ok()).collect();
        let waiting = PendingMachines::new(parts.records).list()?.waiting;
        Ok(Self { hosts, waiting })
    }

    /// The values of this machine that another one reports too. `own` are its cards. An unknown machine with the same
    /// serial and the same UUID is this machine, which asked with another card; one counts for a day after it asked.
    pub fn shared(&self, firmware: &FirmwareInfo, own: &[MacAddr], now: Timestamp) -> Vec<SharedValue> {
        let values = [("serial", &firmware.serial), ("uuid", &firmware.uuid)];
        let shared = values.into_iter().filter_map(|(key, value)| {
            let value = value.as_ref()?;
            let is_other = |waiting: &&Pending| {
                !is_one_machine(firmware, &waiting.firmware) && now.since(waiting.last) <= WAITING_SECONDS
            };
            let other = self.others(key, value, own, is_other)?;
            Some(SharedValue { key, value: value.clone(), other })
        });
        shared.collect()
    }

    fn others(
        &self,
        key: &str,
        value: &Line,
        own: &[MacAddr],
        is_other: impl FnMut(&&Pending) -> bool,
    ) -> Option<String> {
        let is_same = |firmware: &FirmwareInfo| {
            let reported = if key == "serial" { &firmware.serial } else { &firmware.uuid };
            reported.as_ref().is_some_and(|reported| is_equal(reported, value))
        };
        let mut hosts = self.hosts.iter().filter(|h| is_same(&h.firmware) && h.macs().all(|m| !own.contains(&m)));
        let mut waiting =
            self.waiting.iter().filter(|waiting| is_same(&waiting.firmware) && !own.contains(&waiting.mac));
        hosts.next().map(Host::label).or_else(|| waiting.find(is_other).map(|waiting| waiting.mac.colons()))
    }

    /// The host that an unknown machine probably is: exactly one host, and no other unknown machine, has its UUID. If
    /// the machine or the host reports no UUID, the serial counts.
    pub fn probable_host(&self, card: MacAddr, firmware: &FirmwareInfo) -> Option<ProbableHost> {
        let uuid = |firmware: &FirmwareInfo| firmware.uuid.clone().filter(|uuid| !is_placeholder_uuid(uuid.as_str()));
        let serial = |firmware: &FirmwareInfo| firmware.serial.clone().filter(|s| !is_placeholder_serial(s.as_str()));
        let same = |other: &FirmwareInfo| match (uuid(firmware), uuid(other)) {
            (Some(own), Some(other)) => is_equal(&own, &other).then_some("UUID"),
            _ => serial(firmware).zip(serial(other)).filter(|(own, other)| is_equal(own, other)).map(|_| "serial"),
        };
        if self.waiting.iter().any(|other| other.mac != card && same(&other.firmware).is_some()) {
            return None;
        }
        let mut found = self.hosts.iter().filter_map(|host| same(&host.firmware).map(|by| (host, by)));
        let (host, by) = found.next().filter(|(host, _)| host.macs().all(|mac| mac != card))?;
        found.next().is_none().then(|| ProbableHost { host: host.label(), by, macs: host.macs().collect(), card })
    }
}

/// Whether both report the same serial, or none, and the same UUID.
fn is_one_machine(one: &FirmwareInfo, other: &FirmwareInfo) -> bool {
    let is_same = |one: &Option<Line>, other: &Option<Line>| match (one, other) {
        (Some(one), Some(other)) => is_equal(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    let is_real = one.uuid.as_ref().is_some_and(|uuid| !is_placeholder_uuid(uuid.as_str()));
    is_real && is_same(&one.uuid, &other.uuid) && is_same(&one.serial, &other.serial)
}

fn is_equal(one: &Line, other: &Line) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(n: u8) -> MacAddr {
        format!("5254000000{n:02x}").parse().unwrap()
    }

    fn firmware(serial: &str, uuid: &str) -> FirmwareInfo {
        FirmwareInfo::from_parameters(|key| match key {
            "serial" => Some(serial),
            "uuid" => Some(uuid),
            _ => None,
        })
    }

    fn known(hosts: &[(u8, &str, &str)], waiting: &[(u8, &str, &str)]) -> SameFirmware {
        let host = |(n, serial, uuid): &(u8, &str, &str)| {
            let mut host = Host::new(mac(*n), Timestamp::from_unix(1));
            host.firmware = firmware(serial, uuid);
            host
        };
        let asked = Timestamp::from_unix(1);
        let waiting = waiting.iter().map(|(n, serial, uuid)| Pending {
            mac: mac(*n),
            address: None,
            first: asked,
            last: asked,
            firmware: firmware(serial, uuid),
        });
        SameFirmware { hosts: hosts.iter().map(host).collect(), waiting: waiting.collect() }
    }

    const UUID: &str = "4c4c4544-0051-3010-8052-b4c04f4e3732";
    const OTHER: &str = "4c4c4544-0051-3010-8052-b4c04f4e3733";

    #[test]
    fn a_value_of_two_machines_is_shared() {
        let all = known(&[(1, "S1", UUID)], &[(2, "S1", "")]);
        let upper = UUID.to_uppercase();
        let shared = |n, serial: &str, uuid: &str| {
            let shared = all.shared(&firmware(serial, uuid), &[mac(n)], Timestamp::from_unix(2)).into_iter();
            shared.map(|shared| (shared.key, shared.other)).collect::<Vec<_>>()
        };
        assert_eq!(shared(1, "S1", UUID), [("serial", mac(2).colons())]);
        assert_eq!(shared(3, "S1", &upper), [("serial", mac(1).colons()), ("uuid", mac(1).colons())]);
        assert_eq!(shared(3, "S2", OTHER), []);
        let twice = known(&[(1, "S1", UUID)], &[(1, "S1", UUID)]);
        assert_eq!(twice.shared(&firmware("S1", UUID), &[mac(1)], Timestamp::from_unix(2)), []);
    }

    #[test]
    fn two_cards_of_an_unknown_machine_share_nothing() {
        let zeros = "00000000-0000-0000-0000-000000000000";
        let shared = |all: &SameFirmware, serial: &str, uuid: &str, now| {
            let shared = all.shared(&firmware(serial, uuid), &[mac(1)], Timestamp::from_unix(now)).into_iter();
            shared.map(|shared| shared.key).collect::<Vec<_>>()
        };
        let upper = UUID.to_uppercase();
        let keys =
            |waiting: (&str, &str), serial, uuid| shared(&known(&[], &[(2, waiting.0, waiting.1)]), serial, uuid, 2);
        assert_eq!(keys(("S1", UUID), "S1", &upper), [""; 0]);
        assert_eq!(keys(("", UUID), "", UUID), [""; 0], "no serial");
        assert_eq!(keys(("S1", OTHER), "S1", UUID), ["serial"]);
        assert_eq!(keys(("S2", UUID), "S1", UUID), ["uuid"]);
        assert_eq!(keys(("S1", ""), "S1", UUID), ["serial"], "it does not say which machine it is");
        assert_eq!(keys(("S1", zeros), "S1", zeros), ["serial", "uuid"], "a placeholder");
        let host = known(&[(2, "S1", UUID)], &[]);
        assert_eq!(shared(&host, "S1", UUID, 2), ["serial", "uuid"], "a record counts at any age");
        assert_eq!(shared(&host, "S1", UUID, 1_000_000), ["serial", "uuid"]);
        let waiting = known(&[], &[(2, "S1", OTHER)]);
        assert_eq!(shared(&waiting, "S1", UUID, 1 + 86_400), ["serial"]);
        assert_eq!(shared(&waiting, "S1", UUID, 2 + 86_400), [""; 0], "it asked a day ago");
    }

    #[test]
    fn an_unknown_card_of_a_known_host_is_known_by_the_uuid() {
        let all = known(&[(1, "S1", UUID), (2, "S2", OTHER), (3, "S3", "")], &[(9, "S1", UUID)]);
        let who =
            |n, serial, uuid| all.probable_host(mac(n), &firmware(serial, uuid)).map(|host| (host.macs[0], host.by));
        assert_eq!(who(9, "S1", UUID), Some((mac(1), "UUID")));
        assert_eq!(who(8, "S1", OTHER), Some((mac(2), "UUID")), "the UUID before the serial");
        assert_eq!(who(8, "S3", ""), Some((mac(3), "serial")));
        let text = all.probable_host(mac(9), &firmware("S1", UUID)).unwrap().to_string();
        assert!(text.contains("says that it is 52:54:00:00:00:01 (same UUID)"), "{text}");
        assert!(
            text.contains("for a further card: host-state set 52:54:00:00:00:01 macs=52:54:00:00:00:01,"),
            "{text}"
        );
        assert!(text.contains("only if the old card is gone: host-state replace-nic"), "{text}");
        assert_eq!(who(8, "S1", UUID), None, "another unknown machine has it");
        assert_eq!(who(8, "", ""), None);
        assert_eq!(who(1, "S1", UUID), None, "it is no unknown card");
        let zeros = "00000000-0000-0000-0000-000000000000";
        let twins = known(&[(1, "0", zeros), (2, "S2", UUID), (3, "S3", UUID)], &[]);
        assert_eq!(twins.probable_host(mac(8), &firmware("0", zeros)), None, "placeholders");
        assert_eq!(twins.probable_host(mac(8), &firmware("S8", UUID)), None, "two hosts");
    }
}
