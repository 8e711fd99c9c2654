// SPDX-License-Identifier: GPL-3.0-or-later
//! The folders of HPS on this machine, with the permissions that limit the web server's user to what it needs.

use crate::lost::Lost;
use crate::program::{Ended, Exit};
use hps::config::{Dir, HpsConf};
use hps::exec::User;
use hps::exec::services::ServiceFiles;
use hps::exec::{Limit, NEVER, Run, getent};
use hps::files::make_dir;
use hps::render::lighttpd::USER;
use hps::store::Store;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The folder in the TFTP folder where GRUB reads its first file.
pub const GRUB_DIR: &str = "grub";

/// The group of the web server's user. It is made if it is missing.
///
/// # Errors
/// When it cannot be made.
pub fn web_group() -> anyhow::Result<u32> {
    if let Some(group) = find_group()? {
        return Ok(group);
    }
    Run::new("useradd", "passwd")
        .args([
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
            USER,
        ])
        .output(Limit::CHECK, &NEVER)?;
    find_group()?.ok_or_else(|| {
        Ended::error(Exit::Failed, format!("the group {USER} is missing; make it with: groupadd --system {USER}"))
    })
}

fn find_group() -> anyhow::Result<Option<u32>> {
    let line = getent::line("group", USER, &NEVER)?;
    Ok(line.and_then(|line| line.trim().split(':').nth(2)?.parse().ok()))
}

/// The web server's user and its group, by number, for programs that run as it.
///
/// # Errors
/// When there is no such user, or `stop` is set meanwhile.
pub fn web_user(stop: &AtomicBool) -> anyhow::Result<User> {
    getent::unprivileged(USER, stop)?
        .ok_or_else(|| Ended::error(Exit::Failed, format!("the user {USER} is missing; reload makes it")))
}

/// Where the web server stores request bodies that are too large for its memory.
pub fn upload_dir(conf: &HpsConf) -> PathBuf {
    conf.dir(Dir::Run).join("upload")
}

/// Makes a folder that every user may enter, and the missing ones above it: a strict umask has no effect.
///
/// # Errors
/// When one cannot be made.
pub fn make_open(path: &Path) -> anyhow::Result<()> {
    make_dir(path, 0o755, None)?;
    Ok(())
}

/// Makes the folders of this node and of one cluster, and the site key. Existing ones keep their content. Returns what
/// a person must know if something was lost ([`crate::lost`]).
///
/// # Errors
/// When a folder cannot be made or checked.
pub fn make(conf: &HpsConf, store: &Store, group: u32) -> anyhow::Result<Vec<String>> {
    let paths = &store.paths;
    for (dir, path) in conf.dirs() {
        make_open(path)?;
        if dir == Dir::Tftp {
            make_open(&path.join(GRUB_DIR))?;
        }
        if dir == Dir::Clusters {
            // Cluster files have secrets: a new one, also from an editor, is only for root and this group.
            make_dir(path, 0o2755, Some(group))?;
        }
    }
    // Only root writes here, and only the web server's group reads.
    make_dir(&paths.cluster_dir(), 0o755, None)?;
    make_dir(&paths.permissions_dir(), 0o2750, Some(group))?;
    make_dir(&paths.windows_dir(), 0o2750, Some(group))?;
    make_dir(&paths.tasks_dir(), 0o2750, Some(group))?;
    make_dir(&paths.discovery_windows_dir(), 0o2750, Some(group))?;
    make_dir(&paths.erase_permissions_dir(), 0o2750, Some(group))?;
    make_dir(&paths.site_profiles_dir(), 0o2750, Some(group))?;
    // Root's credentials for BMCs go to the addresses in here.
    make_dir(&paths.power_controls_dir(), 0o700, None)?;
    let lost = Lost::look(store)?;
    paths.make_shared(Some(group))?;
    // dnsmasq reads them as a user of its own.
    for folder in paths.host_entries_dirs() {
        make_dir(&folder, 0o2775, Some(group))?;
    }
    make_dir(&upload_dir(conf), 0o2770, Some(group))?;
    make_dir(&ServiceFiles::new(conf).page_folder(), 0o750, Some(group))?;
    lost.complete(store, group)
}
