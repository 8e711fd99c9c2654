// SPDX-License-Identifier: GPL-3.0-or-later
//! `dmidecode --type 4,17`: processors and memory modules of the SMBIOS tables (SMBIOS 3.x, 7.5 and 7.18).

use super::part::MemoryModule;
use super::value::{pair, value};
use crate::types::Line;

/// More than the slots of any machine.
const MAX_MODULES: usize = 256;

/// The memory modules. An empty slot is none.
pub(super) fn modules(lines: &[&str]) -> Vec<MemoryModule> {
    blocks(lines, "Memory Device").filter_map(module).take(MAX_MODULES).collect()
}

fn module(block: &[&str]) -> Option<MemoryModule> {
    let get = |key| field(block, key);
    let mib = get("Size").and_then(mib).filter(|mib| *mib > 0)?;
    let speed = get("Configured Memory Speed").and_then(value).or_else(|| get("Speed").and_then(value));
    Some(MemoryModule {
        slot: get("Locator").and_then(value),
        mib,
        kind: get("Type").and_then(value),
        speed,
        maker: get("Manufacturer").and_then(value),
        part: get("Part Number").and_then(value),
        serial: get("Serial Number").and_then(value),
    })
}

/// The name of the first processor, for a kernel that does not report it.
pub(super) fn processor_name(lines: &[&str]) -> Option<Line> {
    blocks(lines, "Processor Information").find_map(|block| field(block, "Version").and_then(value))
}

/// `16 GB`, `16384 MB` or `512 kB`, all of them powers of two, in MiB.
fn mib(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "TB" => number.checked_mul(1 << 20),
        "GB" => number.checked_mul(1 << 10),
        "MB" => Some(number),
        "kB" => Some(number >> 10),
        _ => None,
    }
}

fn field<'a>(block: &[&'a str], key: &str) -> Option<&'a str> {
    block.iter().filter_map(|line| pair(line)).find_map(|(k, v)| (k == key).then_some(v))
}

/// The structures with this title: the lines up to the next one that is not indented.
fn blocks<'a>(lines: &'a [&'a str], title: &'a str) -> impl Iterator<Item = &'a [&'a str]> {
    let is_title = |line: &&str| !line.is_empty() && !line.starts_with(char::is_whitespace);
    lines.iter().enumerate().filter(move |(_, line)| **line == title).map(move |(at, _)| {
        let rest = lines.get(at + 1..).unwrap_or_default();
        let end = rest.iter().position(&is_title).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    })
}
