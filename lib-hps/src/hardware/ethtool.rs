// SPDX-License-Identifier: GPL-3.0-or-later
//! `ethtool NIC` and `ethtool --driver NIC`.

use super::value::{pair, value};
use crate::types::Line;

/// The fastest of the supported link modes (`10000baseT/Full`), in Mbit/s.
pub(super) fn fastest(lines: &[&str]) -> Option<u32> {
    let mut among = false;
    let mut modes: Vec<u32> = Vec::new();
    for line in lines {
        let mut words = line.trim();
        if let Some((key, rest)) = pair(line) {
            among = key == "Supported link modes";
            words = rest;
        }
        if among {
            modes.extend(words.split_whitespace().filter_map(speed));
        }
    }
    modes.into_iter().max()
}

fn speed(mode: &str) -> Option<u32> {
    mode.split_once("base")?.0.parse().ok()
}

/// The version of the card's firmware.
pub(super) fn firmware(lines: &[&str]) -> Option<Line> {
    lines
        .iter()
        .filter_map(|line| pair(line))
        .find_map(|(key, text)| (key == "firmware-version").then_some(text))
        .and_then(value)
}
