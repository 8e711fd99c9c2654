// SPDX-License-Identifier: GPL-3.0-or-later
//! Permissions to install: who can write them, whether they can be read, and whether what they permit exists.

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
    let (operator, windows) = (paths.permissions_dir(), paths.windows_dir());
    only_root_writes(&operator, findings);
    for folder in [&operator, &windows] {
        // A cluster that never had a window need not have their folder.
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
                    format!("the window {} was closed ({why}), and its file is there", window.rule.name),
                    "it permits nothing; reload removes it",
                );
            }
        }
        Err(error) => findings.error(
            &windows,
            &error,
            "until it can be read no rule and no window permits anything; remove it, or: host-state window",
        ),
    }
    for (folder, source) in
        [(operator, PermissionSource::Operator), (paths.menu_permissions_dir(), PermissionSource::Menu)]
    {
        for name in names(&folder, findings).into_iter().filter(|name| folder.join(name) != windows) {
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
        findings.problem(file, None, "counts for nobody: the name is no MAC and .toml", "remove it");
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
    // What is used up or over says nothing any more.
    match registry.store.permissions().is_ended(&permission) {
        Ok(false) => {}
        Ok(true) => return None,
        Err(error) => {
            findings.error(file, &error, "until it can be read the permission does not count; arm the host again");
            return None;
        }
    }
    let host = registry.host(mac);
    // Marks that cannot be read are found by themselves.
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
        let advice = format!("host-state disarm {mac}, or mend the cluster file");
        findings.problem(file, line_of(file, "type"), format!("permits what cannot be installed: {why}"), &advice);
    }
    if let Some(host) = registry.host(mac).filter(|h| h.mac() != mac) {
        findings.problem(
            file,
            line_of(file, "mac"),
            format!("counts for nobody: {} is a further MAC of {}", mac.colons(), host.label()),
            &format!("remove it, and: host-state arm {}", host.label()),
        );
    }
    let own = registry.hosts.iter().find(|h| h.mac() == mac);
    if let Some(host) = own.filter(|host| !host.has_address_and_name()) {
        findings.problem(
            registry.store.paths.host(mac).path(),
            None,
            format!("{} may be installed, and its record has no address or no name", host.label()),
            &format!("host-state arm {mac} gives it both"),
        );
    }
    Some(permission)
}

/// Whoever can write here can have machines installed.
fn only_root_writes(path: &Path, findings: &mut Findings) {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        // It went meanwhile; a folder that is missing is said where it is listed.
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        Err(error) => {
            findings.problem(
                path,
                None,
                format!("cannot look at it: {error}"),
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
            "look at what it says, then: chown -h root"
        };
        findings.problem(path, None, why, &format!("{mend} {}", path.display()));
    }
    if !metadata.is_symlink() && metadata.mode() & 0o022 != 0 {
        let why = format!("mode {:o}: others than root can write it", metadata.mode() & 0o7777);
        findings.problem(path, None, why, &format!("look at what it says, then: chmod go-w {}", path.display()));
    }
}
