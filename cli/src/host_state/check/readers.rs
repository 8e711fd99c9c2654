// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that the boot manager must read and cannot, for example after an edit by root with a strict umask.

use super::super::readers::{files_of_node, own_files, unreadable};
use super::findings::Findings;
use super::registry::Registry;
use hps::render::lighttpd::USER;

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) {
    let store = registry.store;
    let mut files = files_of_node(store);
    let macs = registry.hosts.iter().map(|h| h.mac()).chain(registry.unreadable.iter().copied());
    files.extend(macs.flat_map(|mac| own_files(store, mac)));
    for found in unreadable(&files) {
        let why = format!("{}: the web server's user {USER} cannot read it", found.why());
        findings.problem(&found.file, None, why, &found.advice());
    }
}
