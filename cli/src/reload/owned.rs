// SPDX-License-Identifier: GPL-3.0-or-later
//! What HPS owns: one table of paths and permissions. `reload` corrects only what is listed here.
//! docs/reference/files.md shows the same table, and a test compares them.
//!
//! A list is safer than a walk: a walk would give every file the most common permissions, secret files too.

/// A file, or a folder whose path ends with `/`.
#[derive(Debug)]
pub(super) struct Owned {
    /// In the form of files.md. Words in capitals stand for any name, `PATH` for up to three. None of them matches a
    /// hidden name, unless the table has the dot.
    pub(super) path: &'static str,
    /// The most that it may have. It gets this mode if its readers lack something.
    pub(super) mode: u32,
    /// Whether its group is `hps`.
    pub(super) group: bool,
    /// The mode of its folder, which has the same group.
    pub(super) folder: Option<u32>,
}

const fn owned(path: &'static str, mode: u32) -> Owned {
    Owned { path, mode, group: false, folder: None }
}

const fn within(path: &'static str, mode: u32, folder: u32) -> Owned {
    Owned { path, mode, group: false, folder: Some(folder) }
}

/// Of group `hps`.
const fn shared(path: &'static str, mode: u32, folder: u32) -> Owned {
    Owned { path, mode, group: true, folder: Some(folder) }
}

/// The same, in a folder that other users enter too.
const fn secret(path: &'static str, mode: u32) -> Owned {
    Owned { path, mode, group: true, folder: None }
}

/// In the order of files.md. If several lines match a file, the first one counts.
pub(super) const OWNED: &[Owned] = &[
    owned("/srv/hps-config/hps.conf", 0o644),
    shared("clusters/NAME.cluster", 0o640, 0o2755),
    shared("clusters/NAME.cluster.bak", 0o640, 0o2755),
    shared("clusters/NAME/hosts/MAC.toml", 0o660, 0o2770),
    shared("clusters/NAME/history/MAC.jsonl", 0o660, 0o2770),
    shared("clusters/NAME/history/MAC.jsonl.1", 0o660, 0o2770),
    shared("clusters/NAME/profiles/PROFILE.toml", 0o640, 0o2750),
    within("clusters/NAME/bmc/MAC.toml", 0o600, 0o700),
    shared("clusters/NAME/permissions/MAC.toml", 0o640, 0o2750),
    shared("clusters/NAME/permissions/windows/ID.toml", 0o640, 0o2750),
    shared("clusters/NAME/tasks/MAC.toml", 0o640, 0o2750),
    shared("clusters/NAME/tasks/windows/ID.toml", 0o640, 0o2750),
    shared("clusters/NAME/permissions/erase/MAC.toml", 0o640, 0o2750),
    shared("clusters/NAME/menu-permissions/MAC.toml", 0o660, 0o2770),
    // From older versions.
    shared("clusters/NAME/spent/ID", 0o660, 0o2770),
    shared("clusters/NAME/refusals/MAC", 0o660, 0o2770),
    shared("clusters/NAME/pending/MAC.toml", 0o660, 0o2770),
    shared("clusters/NAME/hardware/MAC.toml", 0o660, 0o2770),
    shared("clusters/NAME/task-reports/MAC.toml", 0o660, 0o2770),
    shared("clusters/NAME/erase-protocols/MAC.toml", 0o660, 0o2770),
    shared("clusters/NAME/claims/address/ADDRESS", 0o660, 0o2770),
    shared("clusters/NAME/claims/name/HOST", 0o660, 0o2770),
    shared("clusters/NAME/claims/mac/MAC", 0o660, 0o2770),
    shared("clusters/NAME/claims/marks/first-storage-host", 0o660, 0o2770),
    shared("clusters/NAME/locks/allocation.lock", 0o660, 0o2755),
    shared("clusters/NAME/notices/TIME-N-MAC.toml", 0o660, 0o2770),
    secret("clusters/NAME/FOLDER/.FILE.lock", 0o660),
    secret("clusters/NAME/claims/FOLDER/.FILE.lock", 0o660),
    owned("services/dnsmasq.conf", 0o644),
    owned("services/lighttpd.conf", 0o644),
    owned("services/chrony.conf", 0o644),
    owned("services/host-shims.NAME", 0o644),
    owned("services/web-lighttpd.conf", 0o644),
    owned("services/hps-web", 0o755),
    owned("services/hps-web-changes", 0o755),
    owned("services/hps-notify", 0o755),
    shared("services/dhcp-hosts.NAME/MAC", 0o644, 0o2775),
    shared("services/dns-hosts.NAME/MAC", 0o644, 0o2775),
    secret("state/site.key", 0o640),
    owned("state/packages-key.asc", 0o600),
    owned("state/web.pem", 0o600),
    secret("state/web-users", 0o640),
    within("state/web-tokens/NAME.toml", 0o600, 0o700),
    within("state/bmc-credentials/NAME", 0o600, 0o700),
    shared("state/ever-installed/MAC", 0o660, 0o2770),
    secret("state/ever-installed/.FILE.lock", 0o660),
    shared("state/spent/ID", 0o660, 0o2770),
    within("state/boot-loaders/RELEASE-PACKAGE.toml", 0o644, 0o755),
    within("state/boot-loaders/files/DIGEST", 0o644, 0o755),
    within("state/audit/FILE", 0o640, 0o700),
    shared("/srv/log/audit/audit.jsonl", 0o660, 0o2770),
    shared("/srv/log/audit/audit.jsonl.N", 0o660, 0o2770),
    secret("/srv/log/audit/.FILE.lock", 0o660),
    shared("/srv/log/hosts/MAC.log", 0o660, 0o2770),
    shared("/srv/log/hosts/MAC.log.N", 0o660, 0o2770),
    shared("/srv/log/hosts/MAC.install-N.log", 0o660, 0o2770),
    secret("/srv/log/hosts/.FILE.lock", 0o660),
    within("/srv/log/consoles/MAC.log", 0o660, 0o700),
    within("/srv/log/consoles/MAC.log.N", 0o660, 0o700),
    secret("/srv/log/consoles/.FILE.lock", 0o660),
    owned("cgi-bin/boot_manager", 0o755),
    owned("tftp/FILE", 0o644),
    within("tftp/grub/FILE", 0o644, 0o755),
    within("tftp/DISTRO/FILE", 0o644, 0o755),
    within("distros/.iso/FILE", 0o600, 0o700),
    owned("distros/.media.lock", 0o600),
    owned("distros/DISTRO/.hps-inventory", 0o600),
    owned("distros/DISTRO/.lock", 0o600),
    owned("distros/DISTRO/.treeinfo", 0o644),
    within("distros/DISTRO/PATH", 0o644, 0o755),
    owned("packages/DISTRO/.packages.lock", 0o600),
    owned("packages/DISTRO/Repo/.hps-repository", 0o644),
    owned("packages/DISTRO/wanted.list", 0o644),
    within("packages/DISTRO/PATH", 0o644, 0o755),
    owned("/run/hps/reload.lock", 0o600),
    owned("/run/hps/site-copy.lock", 0o600),
    within("/run/hps/consoles/MAC.person", 0o600, 0o700),
    within("/run/hps/consoles/MAC.session", 0o600, 0o700),
    within("/run/hps/consoles/MAC.name", 0o600, 0o700),
];

#[cfg(test)]
#[path = "owned_tests.rs"]
mod tests;
