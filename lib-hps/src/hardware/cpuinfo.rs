// SPDX-License-Identifier: GPL-3.0-or-later
//! `/proc/cpuinfo` (proc_cpuinfo(5)): a block of lines for each processor that Linux counts.

use super::part::Processor;
use super::value::{pair, value};
use std::collections::BTreeSet;

/// The processors; `None` if there is none.
pub(super) fn processor(lines: &[&str]) -> Option<Processor> {
    let mut found = Processor::default();
    let (mut packages, mut cores) = (BTreeSet::new(), BTreeSet::new());
    let mut package = "";
    for (key, text) in lines.iter().filter_map(|line| pair(line)) {
        match key {
            "processor" => {
                found.threads = found.threads.saturating_add(1);
                package = "";
            }
            "model name" if found.model.is_none() => found.model = value(text),
            "physical id" => {
                package = text;
                packages.insert(text);
            }
            "core id" => {
                cores.insert((package, text));
            }
            _ => {}
        }
    }
    // A processor of ARM reports neither packages nor cores here.
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    (found.sockets, found.cores) = (count(packages.len()), count(cores.len()));
    if cores.is_empty() {
        found.cores = found.threads;
    }
    (found.threads > 0).then_some(found)
}
