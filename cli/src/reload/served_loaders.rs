// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot loaders that `reload` puts where TFTP and HTTP serve them.
//!
//! One that cannot be taken does not stop the services: the copy that is served already stays.

use super::{chosen_loaders, tree_shims};
use crate::change::{Change, MAX_FILE_BYTES};
use crate::{layout, media};
use anyhow::Context as _;
use hps::config::{Dir, HpsConf};
use hps::exec::NEVER;
use hps::files::Access;
use hps::media::boot_loaders::{BootLoaderError, BootLoaders};
use hps::media::disk_loaders::DiskLoader;
use hps::render::{dnsmasq, scripts};
use hps::store::{Store, read_plain};
use hps::types::{ClientArchitecture, Loader, one_line};
use std::path::Path;

/// The architecture of x86 BIOS in DHCP option 93.
const BIOS: ClientArchitecture = ClientArchitecture::new(0);

/// Adds the files to `changes`, and a line to `warnings` for each one that stays as it is. Returns what is served.
pub(super) fn plan(
    conf: &HpsConf,
    store: &Store,
    changes: &mut Vec<Change>,
    warnings: &mut Vec<String>,
) -> anyhow::Result<Vec<dnsmasq::BootLoader>> {
    let cluster = &store.cluster;
    let loaders = BootLoaders::load()?;
    let fetched = media::loader_packages(conf);
    let (mut served, mut network) = (Vec::new(), Vec::new());
    let chosen = |file: &str| cluster.boot_loaders.iter().any(|choice| choice.file.as_str() == file);
    for loader in loaders.iter().filter(|loader| !loader.on_request || chosen(&loader.file)) {
        let place = conf.dir(Dir::Tftp).join(&loader.file);
        match loaders.read(loader, Path::new("/"), &fetched) {
            Ok(bytes) => {
                if loader.architectures.contains(&BIOS) {
                    network.clone_from(&bytes);
                }
                changes.push(Change::new(place, bytes, Access::World)?);
            }
            // A site without such machines needs no such loader.
            Err(BootLoaderError::NotFetched { .. }) => continue,
            Err(error) if is_served(&place) => {
                warnings.push(format!("{}; {} stays as it is", one_line(&error), place.display()));
                if loader.architectures.contains(&BIOS) {
                    network = read_plain(&place, MAX_FILE_BYTES)
                        .with_context(|| format!("{}: cannot read", place.display()))?;
                }
            }
            Err(error) => return Err(error.into()),
        }
        served.push(dnsmasq::BootLoader {
            file: loader.file.clone(),
            // One that only a cluster file selects has no clients of its own.
            architectures: if loader.on_request { Vec::new() } else { loader.architectures.clone() },
            loader: loader.loader,
            cards: dnsmasq::Cards::All,
        });
    }
    disk_loaders(conf, &network, changes, warnings)?;
    let (wanted, grub) = (cluster.boot.loader, served.iter().filter(|served| served.loader == Loader::Grub).count());
    if grub == loaders.iter().filter(|loader| loader.loader == Loader::Grub).count() {
        let text = scripts::grub_start(cluster, None);
        changes.push(Change::new(
            conf.dir(Dir::Tftp).join(layout::GRUB_DIR).join("grub.cfg"),
            text.into_bytes(),
            Access::World,
        )?);
    } else {
        // The shim does nothing without GRUB.
        served.retain(|served| served.loader != Loader::Grub);
        if wanted == Loader::Grub {
            warnings.push(
                "boot.loader is \"grub\", but shim and GRUB were not fetched, so UEFI machines get iPXE, which Secure Boot refuses; fetch them with: build-image --boot-loaders".to_owned(),
            );
        }
    }
    let mut served = dnsmasq::preferred(served, wanted);
    chosen_loaders::add(conf, store, &loaders, &mut served, changes, warnings)?;
    tree_shims::add(conf, store, &mut served, changes, warnings)?;
    Ok(served)
}

/// The loaders of local disks, made on this node. Without one iPXE uses its own means.
fn disk_loaders(
    conf: &HpsConf,
    network: &[u8],
    changes: &mut Vec<Change>,
    warnings: &mut Vec<String>,
) -> anyhow::Result<()> {
    for loader in DiskLoader::ALL {
        let place = conf.dir(Dir::Tftp).join(loader.file());
        match loader.make(Path::new("/"), network, &NEVER) {
            Ok(bytes) => changes.push(Change::new(place, bytes, Access::World)?),
            Err(error) => warnings.push(one_line(&error).to_string()),
        }
    }
    Ok(())
}

fn is_served(place: &Path) -> bool {
    place.symlink_metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
}
