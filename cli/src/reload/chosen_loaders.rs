// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot loaders that a cluster file chooses for some machines or for all: its `[[boot_loader]]` sections.

use crate::change::{Change, MAX_FILE_BYTES};
use hps::config::{BootLoaderChoice, Dir, HpsConf};
use hps::files::Access;
use hps::media::boot_loaders::{self, BootLoaderError, BootLoaders};
use hps::media::disk_loaders::DiskLoader;
use hps::render::dnsmasq::{BootLoader, Cards};
use hps::store::{Store, read_plain};
use hps::types::{ClientArchitecture, HostRef, Loader, MacAddr, Sha256Digest, one_line};
use std::collections::BTreeSet;

/// Adds them to `served`, and the files of the site's own to `changes`. One that cannot be served is a line of
/// `warnings`, and its machines get what the others get.
pub(super) fn add(
    conf: &HpsConf,
    store: &Store,
    manifest: &BootLoaders,
    served: &mut Vec<BootLoader>,
    changes: &mut Vec<Change>,
    warnings: &mut Vec<String>,
) -> anyhow::Result<()> {
    let files: Vec<String> = served.iter().map(|loader| loader.file.clone()).collect();
    let mut taken = BTreeSet::new();
    for choice in &store.cluster.boot_loaders {
        let file = choice.file.as_str();
        let known = manifest.iter().find(|loader| loader.file == file);
        let found = match &choice.path {
            Some(_) if known.is_some() || DiskLoader::ALL.iter().any(|loader| loader.file() == file) => {
                Err(format!("boot_loader {file}: HPS has a file of this name; give the site's own another one"))
            }
            Some(_) => own_file(conf, choice, changes)?.map(|()| (choice.architectures.clone(), Loader::Ipxe)),
            None => file_of_hps(choice, known, &files, manifest),
        };
        let (mut architectures, loader) = match found {
            Ok(found) => found,
            Err(problem) => {
                warnings.push(format!("{problem}; its machines get the boot loader of the others"));
                continue;
            }
        };
        let cards = cards(store, choice, warnings)?;
        if cards == Cards::These(Vec::new()) {
            continue;
        }
        if cards == Cards::All {
            // The first one for all cards counts, and the one of HPS steps back.
            architectures.retain(|architecture| taken.insert(*architecture));
            for other in served.iter_mut().filter(|other| other.cards == Cards::All) {
                other.architectures.retain(|architecture| !architectures.contains(architecture));
            }
        }
        served.push(BootLoader { file: file.to_owned(), architectures, loader, cards });
    }
    Ok(())
}

/// A file of HPS: its architectures and whose scripts it reads. The error is a line for people.
fn file_of_hps(
    choice: &BootLoaderChoice,
    known: Option<&boot_loaders::BootLoader>,
    served: &[String],
    manifest: &BootLoaders,
) -> Result<(Vec<ClientArchitecture>, Loader), String> {
    let file = choice.file.as_str();
    // One without architectures is started by another one, and not by firmware.
    let Some(known) = known.filter(|known| !known.architectures.is_empty()) else {
        let names: Vec<&str> =
            manifest.iter().filter(|l| !l.architectures.is_empty()).map(|l| l.file.as_str()).collect();
        return Err(format!(
            "boot_loader {file}: HPS has no such file for firmware ({}); for one of the site add path, sha256 and architectures",
            names.join(", ")
        ));
    };
    if !served.iter().any(|served| served == file) {
        return Err(format!("boot_loader {file} is not on this node; fetch it with: build-image --boot-loaders"));
    }
    if let Some(wrong) = choice.architectures.iter().find(|wanted| !known.architectures.contains(wanted)) {
        return Err(format!("boot_loader {file} cannot start clients of architecture {wrong}; remove that number"));
    }
    let own = &choice.architectures;
    Ok((if own.is_empty() { known.architectures.clone() } else { own.clone() }, known.loader))
}

/// The site's own file, proven by its digest, is added to `changes`; a copy that is served already may stay. The inner
/// error is a line for people.
fn own_file(
    conf: &HpsConf,
    choice: &BootLoaderChoice,
    changes: &mut Vec<Change>,
) -> anyhow::Result<Result<(), String>> {
    let (Some(path), Some(wanted)) = (&choice.path, choice.sha256) else { return Ok(Ok(())) };
    let place = conf.dir(Dir::Tftp).join(choice.file.as_str());
    // Several sections may name it.
    if changes.iter().any(|change| change.path() == place) {
        return Ok(Ok(()));
    }
    let problem = match read_plain(path.as_path(), MAX_FILE_BYTES) {
        Ok(bytes) if Sha256Digest::hash(&bytes) == wanted => {
            changes.push(Change::new(place, bytes, Access::World)?);
            return Ok(Ok(()));
        }
        Ok(bytes) => one_line(&BootLoaderError::Changed {
            file: choice.file.clone(),
            path: path.clone(),
            digest: Sha256Digest::hash(&bytes),
            wanted,
        })
        .to_string(),
        Err(error) => format!("boot_loader {}: {path}: cannot read: {}", choice.file, one_line(&error)),
    };
    let is_served = read_plain(&place, MAX_FILE_BYTES).is_ok_and(|bytes| Sha256Digest::hash(&bytes) == wanted);
    Ok(if is_served { Ok(()) } else { Err(problem) })
}

/// The cards of a choice, by the records of now. A record that cannot be read has no cards here; others name it.
fn cards(store: &Store, choice: &BootLoaderChoice, warnings: &mut Vec<String>) -> anyhow::Result<Cards> {
    if let Some(prefix) = &choice.mac_prefix {
        return Ok(Cards::Beginning(prefix.clone()));
    }
    let mut macs: BTreeSet<MacAddr> = BTreeSet::new();
    if let Some(pattern) = &choice.hosts {
        macs.extend(pattern.hosts().into_iter().filter_map(|host| match host {
            HostRef::Mac(mac) => Some(mac),
            HostRef::Name(_) => None,
        }));
        for host in store.hosts().list()?.into_iter().filter_map(|file| file.host.ok()) {
            let own: Vec<MacAddr> = host.macs().collect();
            if pattern.has_mac(&own) || host.name.as_ref().is_some_and(|name| pattern.has_name(name)) {
                macs.extend(own);
            }
        }
    } else if let Some(product) = &choice.product {
        for host in store.hosts().list()?.into_iter().filter_map(|file| file.host.ok()) {
            if host.firmware.product.as_ref() == Some(product) {
                macs.extend(host.macs());
            }
        }
        let waiting = store.pending().list()?.waiting;
        macs.extend(
            waiting.iter().filter(|entry| entry.firmware.product.as_ref() == Some(product)).map(|entry| entry.mac),
        );
    } else {
        return Ok(Cards::All);
    }
    if macs.is_empty() {
        let who = match (&choice.hosts, &choice.product) {
            (Some(hosts), _) => format!("no host is {hosts}"),
            (_, product) => format!(
                "no machine has reported the product {}",
                product.as_ref().map_or("", |product| product.as_str())
            ),
        };
        warnings.push(format!("boot_loader {}: {who} yet; run reload again when there is one", choice.file));
    }
    Ok(Cards::These(macs.into_iter().collect()))
}
