// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host has besides its packages: files, services, open ports, and what the site adds. It is computed here for
//! both installers; answer files only carry it.

mod debian_sources;
mod error;
mod firewall;
mod kernel_line;
mod network;
mod parts;
mod placed_file;
mod role;
mod services;
mod site;
mod source_files;
mod sources;
mod target_system;
mod zfs;

pub use debian_sources::DebianSources;
pub use error::{SystemError, TemplateError};
pub use kernel_line::kernel_line;
pub use parts::{Script, System};
pub use placed_file::PlacedFile;
pub use sources::{SigningKey, Sources};
pub use target_system::TargetSystem;
pub use zfs::PACKAGE as ZFS_PACKAGE;

use crate::types::{LOADER_BYTES, Method, check_kernel_line, check_whole_name};

/// The longest text of an answer that a node accepts, minus the rest of the answer.
const MAX_TEXT_BYTES: usize = 200_000;

/// Computes it.
///
/// # Errors
/// See [`SystemError`].
pub fn system(host: &TargetSystem<'_>) -> Result<System, SystemError> {
    // A record or a domain may be from before the limit.
    check_whole_name(host.name, host.cluster.placement(host.address).domain())?;
    let family = host.family();
    let definition = host.cluster.known_definition(host.host_type())?;
    let mut system = System {
        files: network::files(host)?,
        services: definition.services(family).iter().map(|name| (*name).to_owned()).collect(),
        ports: definition.ports.to_vec(),
        ..System::default()
    };
    system.files.extend(services::files(host));
    system.files.extend(source_files::files(host));
    system.files.extend(role::files(&definition, host));
    if host.zfs {
        system.files.extend(zfs::files(&definition, host));
        system.services.extend(zfs::services(family).iter().map(|name| (*name).to_owned()));
    }
    site::add(&mut system, host)?;
    let line = kernel_line(host.cluster, &system.kernel_arguments);
    check_kernel_line("the new system", &line, LOADER_BYTES)?;
    if family == Method::Image {
        let firewall = firewall::nftables(&system.ports);
        if system.files.iter().all(|file| file.path != firewall.path) {
            system.files.push(firewall);
        }
        system.services.push("nftables.service".to_owned());
    }
    places(&system.files)?;
    let texts = system.files.iter().map(|f| &f.text).chain(system.scripts.iter().map(|s| &s.text));
    let bytes: usize = texts.map(|text| text.len() + 6 * text.lines().count()).sum();
    if bytes > MAX_TEXT_BYTES {
        return Err(SystemError::TooLarge { bytes, most: MAX_TEXT_BYTES });
    }
    Ok(system)
}

/// Each file has its own place: no path twice, and none below another file.
fn places(files: &[PlacedFile]) -> Result<(), SystemError> {
    let paths: std::collections::BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    if paths.len() < files.len() {
        let twice = files.iter().find(|file| files.iter().filter(|other| other.path == file.path).count() > 1);
        return Err(SystemError::SamePath(twice.map_or_else(String::new, |file| file.path.clone())));
    }
    for path in &paths {
        let mut folder = *path;
        while let Some((above, _)) = folder.rsplit_once('/') {
            if paths.contains(above) {
                return Err(SystemError::BelowFile { above: above.to_owned(), path: (*path).to_owned() });
            }
            folder = above;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_place_of_its_own() {
        let files = |paths: &[&str]| paths.iter().map(|path| PlacedFile::new(*path, "")).collect::<Vec<_>>();
        assert!(places(&files(&["etc/a/b", "etc/a/c", "etc/ab"])).is_ok());
        assert!(places(&files(&["etc/a", "etc/b", "etc/a"])).unwrap_err().to_string().contains("called /etc/a"));
        assert!(
            places(&files(&["etc/a/b/c", "etc/a"])).unwrap_err().to_string().contains("/etc/a is a file of the host")
        );
    }
}
