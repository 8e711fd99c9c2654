// SPDX-License-Identifier: GPL-3.0-or-later

use super::super::stop::STOP;
use super::{Context, Found};
use crate::program;
use hps::exec::timedatectl;
use hps::types::Timestamp;

/// 2026-01-01: this version is newer. A machine without a battery begins at 1970 or 2000.
const EARLIEST: i64 = 1_767_225_600;
/// Another node may have written a record, and clocks differ a little.
const TOLERANCE_SECONDS: u64 = 300;

/// A wrong clock makes permissions, tokens, certificates and signatures end early, or begin late.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let now = program::now();
    let set = "set it, and let a time server keep it: timedatectl set-ntp true";
    if now < Timestamp::from_unix(EARLIEST) {
        return Ok(vec![Found::problem(format!("the clock of this node shows {now}"), set)]);
    }
    // Without the right to read records, the other two are left.
    let hosts = context.store.hosts().list().unwrap_or_default();
    let newest = hosts.into_iter().filter_map(|file| file.host.ok()).max_by_key(|host| host.updated);
    if let Some(host) = newest.filter(|host| host.updated.since(now) > TOLERANCE_SECONDS) {
        let text = format!("the clock of this node shows {now}, but {} was changed at {}", host.label(), host.updated);
        return Ok(vec![Found::problem(text, set)]);
    }
    Ok(vec![match timedatectl::is_synchronised(STOP) {
        Some(true) => Found::ok(format!("{now}, synchronised")),
        Some(false) => Found::warning("no time server sets the clock of this node", "timedatectl set-ntp true"),
        None => Found::ok(format!("{now}; whether a time server sets it is not known")),
    }])
}
