// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot loaders that `reload` puts where TFTP and HTTP serve them.
//!
//! One that cannot be taken does not stop the services: the copy that is served already stays.

use crate::change::Change;
use crate::media;
use hps::config::{Dir, HpsConf};
use hps::files::Access;
use hps::media::boot_loaders::{BootLoaderError, BootLoaders};
use hps::render::dnsmasq;
use hps::types::one_line;
use std::path::Path;

/// Adds the files to `changes`, and a line to `warnings` for each one that stays as it is. Returns what is served.
pub(super) fn plan(
    conf: &HpsConf,
    changes: &mut Vec<Change>,
    warnings: &mut Vec<String>,
) -> anyhow::Result<Vec<dnsmasq::BootLoader>> {
    let loaders = BootLoaders::load()?;
    let fetched = media::loader_packages(conf);
    let mut served = Vec::new();
    for loader in loaders.iter() {
        let place = conf.dir(Dir::Tftp).join(&loader.file);
        match loaders.read(loader, Path::new("/"), &fetched) {
            Ok(bytes) => changes.push(Change::new(place, bytes, Access::World)?),
            // A site without such machines needs no such loader.
            Err(BootLoaderError::NotFetched { .. }) => continue,
            Err(error) if is_served(&place) => {
                warnings.push(format!("{}; {} stays as it is", one_line(&error), place.display()));
            }
            Err(error) => return Err(error.into()),
        }
        served.push(dnsmasq::BootLoader { file: loader.file.clone(), architectures: loader.architectures.clone() });
    }
    Ok(served)
}

fn is_served(place: &Path) -> bool {
    place.symlink_metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
}
