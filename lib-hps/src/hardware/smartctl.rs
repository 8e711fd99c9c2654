// SPDX-License-Identifier: GPL-3.0-or-later
//! `smartctl --json --health --attributes`: what a disk reports about itself.

use super::part::Health;
use serde_json::Value;

/// The attributes of ATA that count sectors, by their numbers.
const REALLOCATED: u64 = 5;
const PENDING: u64 = 197;

/// The health; `None` if the disk reports nothing about it.
pub(super) fn health(text: &str) -> Option<Health> {
    let all: Value = serde_json::from_str(text).ok()?;
    let number = |pointer: &str| all.pointer(pointer).and_then(Value::as_u64);
    let health = Health {
        passed: all.pointer("/smart_status/passed").and_then(Value::as_bool),
        celsius: all
            .pointer("/temperature/current")
            .and_then(Value::as_i64)
            .and_then(|celsius| i32::try_from(celsius).ok()),
        hours: number("/power_on_time/hours"),
        reallocated: attribute(&all, REALLOCATED).or_else(|| number("/scsi_grown_defect_list")),
        pending: attribute(&all, PENDING),
        media_errors: number("/nvme_smart_health_information_log/media_errors"),
        used_percent: number("/nvme_smart_health_information_log/percentage_used"),
    };
    (health != Health::default()).then_some(health)
}

fn attribute(all: &Value, id: u64) -> Option<u64> {
    let table = all.pointer("/ata_smart_attributes/table")?.as_array()?;
    let found = table.iter().find(|row| row.get("id").and_then(Value::as_u64) == Some(id))?;
    found.pointer("/raw/value")?.as_u64()
}
