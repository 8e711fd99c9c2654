// SPDX-License-Identifier: GPL-3.0-or-later
//! Shim and GRUB of installation trees, for the hosts that are installed from these trees and boot through GRUB.
//!
//! dnsmasq sees only the MAC, so which host gets which shim is decided here, from the records of this moment.

use crate::change::Change;
use crate::program;
use hps::boot_context::BootContext;
use hps::config::{Dir, HpsConf};
use hps::files::Access;
use hps::media::tree_shim::{ARCHITECTURES, SHIM, read_shim};
use hps::render::dnsmasq::{BootLoader, Cards};
use hps::render::scripts;
use hps::store::{HostShims, Store};
use hps::types::{Distro, FirmwareInfo, Loader, MacAddr, one_line};
use std::collections::{BTreeMap, BTreeSet};

/// Adds them to `served`, before what the others get, and their files to `changes`. What cannot be served is a line of
/// `warnings`, and its hosts get the boot loader of the others.
pub(super) fn add(
    conf: &HpsConf,
    store: &Store,
    served: &mut Vec<BootLoader>,
    changes: &mut Vec<Change>,
    warnings: &mut Vec<String>,
) -> anyhow::Result<()> {
    let mut offered = BTreeMap::new();
    for (line, macs) in wanted(store)? {
        let files = match read_shim(store.paths.distros(), &line) {
            Ok(Some(files)) => files,
            Ok(None) => continue,
            Err(error) => {
                let why = one_line(&error);
                warnings.push(format!(
                    "the shim of {line} is not served, so Secure Boot refuses its installation: {why}; look at: check-and-download-rocky --verify"
                ));
                continue;
            }
        };
        let folder = conf.dir(Dir::Tftp).join(line.as_str());
        let mut loaders = Vec::new();
        for (name, bytes) in files {
            let architectures = if name == SHIM { ARCHITECTURES.to_vec() } else { Vec::new() };
            let cards = if name == SHIM { Cards::These(macs.iter().copied().collect()) } else { Cards::All };
            loaders.push(BootLoader { file: format!("{line}/{name}"), architectures, loader: Loader::Grub, cards });
            changes.push(Change::new(folder.join(name), bytes, Access::World)?);
        }
        let first = scripts::grub_start(&store.cluster, Some(&line));
        changes.push(Change::new(folder.join("grub.cfg"), first.into_bytes(), Access::World)?);
        served.splice(0..0, loaders);
        offered.extend(macs.into_iter().map(|mac| (mac, line.clone())));
    }
    let place = store.paths.host_shims();
    if !offered.is_empty() {
        changes.push(Change::new(place, HostShims::to_text(&offered).into_bytes(), Access::World)?);
    } else if place.symlink_metadata().is_ok() {
        changes.push(Change::removal(place)?);
    }
    Ok(())
}

/// The cards of the hosts that need the shim of a tree, by the line of releases. A record that cannot be read has no
/// cards here; others name it.
fn wanted(store: &Store) -> anyhow::Result<BTreeMap<Distro, BTreeSet<MacAddr>>> {
    let mut wanted: BTreeMap<Distro, BTreeSet<MacAddr>> = BTreeMap::new();
    if !store.cluster.may_start_grub() {
        return Ok(wanted);
    }
    let now = program::now();
    for host in store.hosts().list()?.into_iter().filter_map(|file| file.host.ok()) {
        let machine = BootContext::load(store, host.mac(), None, &FirmwareInfo::default(), now);
        if let Some(line) = machine.wanted_shim(store, now) {
            wanted.entry(line).or_default().extend(host.macs());
        }
    }
    Ok(wanted)
}
