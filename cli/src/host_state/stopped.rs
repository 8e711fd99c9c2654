// SPDX-License-Identifier: GPL-3.0-or-later
//! Machines that began to boot over the network and did not reach the boot manager, with the reason for people.

use super::waiting::{Netboot, Waiting};
use crate::media;
use hps::media::boot_loaders::{BootLoaderError, BootLoaders};
use hps::store::{NetbootStage, StoppedNetboot, Store, StoreError};
use hps::types::{ClientArchitecture, FirmwareInfo, LoaderService, Timestamp, Transport, one_line};
use std::path::Path;

/// All of them.
///
/// # Errors
/// When a log or a record cannot be read.
pub(super) fn stopped(store: &Store, now: Timestamp) -> Result<Vec<Waiting>, StoreError> {
    store.netboots().stopped(now)?.into_iter().map(|netboot| waiting(store, netboot)).collect()
}

fn waiting(store: &Store, netboot: StoppedNetboot) -> Result<Waiting, StoreError> {
    let name = match store.hosts().find(netboot.mac) {
        Ok(host) => host.and_then(|host| host.name),
        // Its record is reported with the others.
        Err(error) if error.was_read() => None,
        Err(error) => return Err(error),
    };
    Ok(Waiting {
        mac: netboot.mac.colons(),
        name: name.map(|name| name.to_string()),
        address: netboot.address,
        since: netboot.first,
        asks: "did not reach the boot manager",
        firmware: FirmwareInfo::default(),
        notes: Vec::new(),
        netboot: Some(Netboot {
            problem: problem(store, &netboot),
            stage: netboot.stage,
            architecture: netboot.architecture,
            architecture_name: netboot.architecture.and_then(ClientArchitecture::name),
            vendor_class: netboot.vendor_class,
            last: netboot.last,
        }),
    })
}

/// Where it stopped, why, and what to do.
fn problem(store: &Store, netboot: &StoppedNetboot) -> String {
    let place = match netboot.stage {
        NetbootStage::Asked => "it was offered no address",
        NetbootStage::Address => "it got an address and fetched no boot loader",
        NetbootStage::Loader => "it fetched the boot loader, which did not ask for an address",
        NetbootStage::Ipxe => "iPXE has an address and did not ask the boot manager",
    };
    let why = match (netboot.stage, netboot.architecture) {
        (NetbootStage::Ipxe, _) => Some("check the firewall for TCP port 80".to_owned()),
        (NetbootStage::Asked | NetbootStage::Address, Some(architecture)) => {
            Some(not_served(store, architecture).unwrap_or_else(|| match architecture.transport() {
                Transport::Tftp => "check the firewall for UDP port 69".to_owned(),
                Transport::Http => "check the firewall for TCP port 80".to_owned(),
            }))
        }
        (NetbootStage::Loader, _) => {
            Some("with UEFI, switch Secure Boot off; Debian's iPXE is not signed for it".to_owned())
        }
        (_, None) => None,
    };
    why.map_or_else(|| place.to_owned(), |why| format!("{place}; {why}"))
}

/// Why an architecture has no boot loader on this node.
fn not_served(store: &Store, architecture: ClientArchitecture) -> Option<String> {
    if let LoaderService::No(why) = architecture.service() {
        return Some(format!("its architecture is not served: {why}"));
    }
    let loaders = match BootLoaders::load() {
        Ok(loaders) => loaders,
        Err(error) => return Some(one_line(&error)),
    };
    let loader = loaders.iter().find(|loader| loader.architectures.contains(&architecture))?;
    match loaders.read(loader, Path::new("/"), &media::loader_packages(store.paths.conf())) {
        Err(BootLoaderError::NotFetched { .. }) => {
            Some("its architecture is not served: run build-image --boot-loaders, then reload".to_owned())
        }
        Err(error) => Some(one_line(&error)),
        Ok(_) => None,
    }
}
