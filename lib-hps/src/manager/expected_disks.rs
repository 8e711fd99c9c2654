// SPDX-License-Identifier: GPL-3.0-or-later
//! Which disks an installation would choose, by the hardware record of the machine. The machine decides again, by what
//! it finds then; only it sees what is on the disks.

use crate::config::{DiskSettings, PoolPlace};
use crate::hardware::{Disk, Hardware};
use crate::types::{DiskCondition, DiskFacts, DiskKind, DiskOrder};
use serde::Serialize;

/// Smaller disks are not in a pool (`POOL_MIN_BYTES` in scripts/node/steps/disks.sh).
const POOL_MIN_BYTES: u64 = 1 << 30;

/// A disk of the record, and what would become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedDisk {
    /// The name that the kernel gave it in the last boot.
    pub name: String,
    /// Its serial, otherwise its WWN.
    pub serial: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its size.
    pub bytes: Option<u64>,
    /// `system`, `mirror`, `pool` or `none`.
    pub purpose: &'static str,
    /// Why it is not used.
    pub why_not: Option<String>,
}

/// The disks in the order in which an installation takes them for the system; those that it cannot take are last.
pub(super) fn expected(
    hardware: &Hardware,
    settings: &DiskSettings,
    place: PoolPlace,
    least_bytes: u64,
) -> Vec<ExpectedDisk> {
    let facts: Vec<DiskFacts<'_>> = hardware.disks.iter().map(facts).collect();
    let system = settings.system.conditions();
    let pool = settings.pool.as_ref().map_or_else(DiskCondition::without_rule, |rule| rule.conditions());
    let objection = |conditions: &[DiskCondition], disk: &Disk, own: &DiskFacts<'_>, least: u64| {
        let too_small = || disk.bytes.is_none_or(|bytes| bytes < least).then(|| format!("smaller than {least} bytes"));
        let obstacle = disk.obstacle.as_ref().map(ToString::to_string);
        obstacle.or_else(|| conditions.iter().find_map(|c| c.objection(own, &facts))).or_else(too_small)
    };
    let mut disks: Vec<(&Disk, &DiskFacts<'_>)> = hardware.disks.iter().zip(&facts).collect();
    disks.sort_by_key(|(disk, own)| {
        let bytes = disk.bytes.unwrap_or_default();
        let size = if settings.system.order() == DiskOrder::Largest { u64::MAX - bytes } else { bytes };
        let refused = objection(&system, disk, own, least_bytes).is_some();
        (refused, size, own.serial.unwrap_or("none"), own.wwn, own.path)
    });
    let mut left = if settings.mirror { vec!["mirror", "system"] } else { vec!["system"] };
    let with = |(disk, own): (&Disk, &DiskFacts<'_>)| {
        let why_not = objection(&system, disk, own, least_bytes);
        let purpose = if why_not.is_none() { left.pop() } else { None };
        let (purpose, why_not) = match (purpose, place) {
            (Some(purpose), _) => (purpose, None),
            (None, PoolPlace::Rest) => match objection(&pool, disk, own, POOL_MIN_BYTES) {
                None => ("pool", None),
                Some(why) => ("none", Some(why)),
            },
            (None, _) => {
                let before = || format!("another disk comes before it by the rule {}", settings.system);
                ("none", Some(why_not.unwrap_or_else(before)))
            }
        };
        let text = |line: &crate::types::Line| line.to_string();
        ExpectedDisk {
            name: text(&disk.name),
            serial: own.serial.or(own.wwn).map(str::to_owned),
            model: disk.model.as_ref().map(text),
            bytes: disk.bytes,
            purpose,
            why_not,
        }
    };
    disks.into_iter().map(with).collect()
}

fn facts(disk: &Disk) -> DiskFacts<'_> {
    DiskFacts {
        bus: disk.bus,
        bytes: disk.bytes,
        serial: disk.serial.as_ref().map(|serial| serial.as_str()).filter(|serial| *serial != "none"),
        wwn: disk.wwn.as_ref().map(|wwn| wwn.as_str()),
        path: disk.path.as_ref().map(|path| path.as_str()),
        model: disk.model.as_ref().map(|model| model.as_str()),
        kind: disk.rotational.map(DiskKind::from_rotational),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::{Occasion, read_report};
    use crate::types::Timestamp;

    fn purposes(settings: &DiskSettings, place: PoolPlace) -> Vec<(String, &'static str)> {
        let disk = |name: &str, bus: &str, gib: u64| {
            format!("section disk {name}\n bytes {}\n bus {bus}\n serial S{name}\n", gib << 30)
        };
        let disks = [disk("sda", "sas", 4000), disk("sdb", "sas", 4000), disk("nvme0n1", "nvme", 900)].concat();
        let small = [disk("sdc", "usb", 60), disk("vda", "virtio", 4)].concat();
        let text = format!("hps-hardware 1\n{disks}{small}end\n");
        let hardware = read_report(text.as_bytes(), Occasion::Discovery, Timestamp::from_unix(1)).unwrap();
        expected(&hardware, settings, place, 20 << 30).into_iter().map(|disk| (disk.name, disk.purpose)).collect()
    }

    #[test]
    fn the_disks_that_an_installation_would_take() {
        let mut settings = DiskSettings::default();
        let used = |settings: &DiskSettings, place, purpose: &str| {
            let found = purposes(settings, place).into_iter().filter(|(_, p)| *p == purpose);
            found.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(used(&settings, PoolPlace::None, "system"), "nvme0n1");
        assert_eq!(used(&settings, PoolPlace::Rest, "pool"), "sda sdb vda");
        settings.mirror = true;
        settings.system = "smallest bus=sas".parse().unwrap();
        assert_eq!(used(&settings, PoolPlace::Rest, "system"), "sda");
        assert_eq!(used(&settings, PoolPlace::Rest, "mirror"), "sdb");
        settings.pool = Some("not-bus=nvme min=10G".parse().unwrap());
        assert_eq!(used(&settings, PoolPlace::Rest, "pool"), "");
        settings.system = "largest bus=usb".parse().unwrap();
        assert_eq!(used(&settings, PoolPlace::None, "system"), "sdc", "a disk on USB that the rule names");
        settings.system = "serial=Sgone".parse().unwrap();
        assert_eq!(used(&settings, PoolPlace::None, "system"), "");
    }
}
