// SPDX-License-Identifier: GPL-3.0-or-later
//! Permissions to install: their owners and modes, whether they can be read, and whether they permit something that
//! exists.

use super::findings::Findings;
use super::folder::{is_missing, line_of, mac_of_file, names};
use super::registry::Registry;
use crate::program;
use hps::host::{Dead, Host, Permission, PermissionSource};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Returns those that count now.
pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) -> Vec<Permission> {
    let mut current = Vec::new();
    let paths = &registry.store.paths;
    let (operator, windows, erase) = (paths.permissions_dir(), paths.windows_dir(), paths.erase_permissions_dir());
    only_root_writes(&operator, findings);
    for folder in [&operator, &windows, &erase] {
        // A cluster that never had a window or an erase need not have this folder.
        for name in if is_missing(folder) { Vec::new() } else { names(folder, findings) } {
            only_root_writes(&folder.join(name), findings);
        }
    }
    match registry.store.windows().closed() {
        Ok(closed) => {
            for (window, why) in closed {
                let file = registry.store.paths.window(&window.id);
                findings.note(
                    file.path(),
                    format!("the window {} was closed ({why}), but its file is still there", window.rule.name),
                    "it permits nothing; reload removes it",
                );
            }
        }
        Err(error) => findings.error(
            &windows,
            &error,
            "until all windows can be read, no rule or window counts; remove the file that is named here, then: host-state window list",
        ),
    }
    for (folder, source) in
        [(operator, PermissionSource::Operator), (paths.menu_permissions_dir(), PermissionSource::Menu)]
    {
        for name in
            names(&folder, findings).into_iter().filter(|name| ![&windows, &erase].contains(&&folder.join(name)))
        {
            current.extend(one(registry, &folder.join(&name), &name, source, findings));
        }
    }
    current
}

fn one(
    registry: &Registry<'_>,
    file: &Path,
    name: &str,
    source: PermissionSource,
    findings: &mut Findings,
) -> Option<Permission> {
    let Some(mac) = mac_of_file(name) else {
        findings.problem(file, None, "counts for no host: the name is not a MAC with .toml", "remove it");
        return None;
    };
    let permission = match registry.store.permissions().from_source(mac, source) {
        Ok(Some(permission)) => permission,
        Ok(None) => return None,
        Err(error) => {
            findings.error(file, &error, "remove it, and arm the host again");
            return None;
        }
    };
    // A used or expired one does not matter any more.
    match registry.store.permissions().is_ended(&permission) {
        Ok(false) => {}
        Ok(true) => return None,
        Err(error) => {
            findings.error(file, &error, "until it can be read the permission does not count; arm the host again");
            return None;
        }
    }
    let host = registry.host(mac);
    // Marks that cannot be read have findings of their own.
    let installed = registry.store.installed_marks().installed(mac, host).ok()?;
    match installed.objection(&permission, host, program::now()) {
        None => {}
        Some(dead @ (Dead::Older(_) | Dead::MarkLost)) => {
            let label = host.map_or_else(|| mac.colons(), Host::label);
            findings.note(
                file,
                format!("the permission of {label} {dead}"),
                "reload removes it, or a new one takes its place",
            );
            return None;
        }
        Some(_) => return None,
    }
    if let Err(why) = registry.store.cluster.role(permission.host_type, permission.profile) {
        let advice = format!("host-state disarm {mac}, or correct the cluster file");
        findings.problem(
            file,
            line_of(file, "type"),
            format!("permits an installation that is not possible: {why}"),
            &advice,
        );
    }
    if let Some(host) = registry.host(mac).filter(|h| h.mac() != mac) {
        findings.problem(
            file,
            line_of(file, "mac"),
            format!("counts for no host: {} is a further MAC of {}", mac.colons(), host.label()),
            &format!("remove it, and: host-state arm {}", host.label()),
        );
    }
    let own = registry.hosts.iter().find(|h| h.mac() == mac);
    if let Some(host) = own.filter(|host| !host.has_address_and_name()) {
        findings.problem(
            registry.store.paths.host(mac).path(),
            None,
            format!("{} may be installed, but its record has no address or no name", host.label()),
            &format!("host-state arm {mac} gives it both"),
        );
    }
    Some(permission)
}

/// A user who can write here can have machines installed.
fn only_root_writes(path: &Path, findings: &mut Findings) {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        // It vanished meanwhile; a missing folder is reported where it is listed.
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        Err(error) => {
            findings.problem(
                path,
                None,
                format!("cannot be checked: {error}"),
                "check the disk, then: host-state check",
            );
            return;
        }
    };
    if metadata.uid() != 0 {
        let why = format!("belongs to user {}, who could permit installations", metadata.uid());
        let mend = if metadata.is_symlink() {
            "find out who made this link, then: rm"
        } else {
            "check its content, then: chown -h root"
        };
        findings.problem(path, None, why, &format!("{mend} {}", path.display()));
    }
    if !metadata.is_symlink() && metadata.mode() & 0o022 != 0 {
        let why = format!("mode {:o}: users other than root can write it", metadata.mode() & 0o7777);
        findings.problem(path, None, why, &format!("check its content, then: chmod go-w {}", path.display()));
    }
}
