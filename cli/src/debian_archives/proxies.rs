// SPDX-License-Identifier: GPL-3.0-or-later
//! The way to archives: as apt of this machine is configured, otherwise by the proxies of the environment, read as the
//! other programs read them. apt has rules of its own for these and would not accept all of them.

use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::exec::apt::Archive;
use hps::media::mirror::Proxies;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// apt's settings with the way to each archive.
pub(crate) fn lines(mut settings: Vec<String>, archives: &[Archive], proxies: &Proxies) -> anyhow::Result<Vec<String>> {
    let mut ways = Vec::new();
    for archive in archives {
        let way = proxies.for_apt(&archive.mirror.to_string());
        let way = way.map_err(|error| Ended::error(Exit::Usage, error.to_string()))?;
        ways.extend(way.filter(|way| !way.is_said_in(&settings)).map(|way| way.to_string()));
    }
    settings.extend(ways);
    settings.dedup();
    Ok(settings)
}

/// The same, as one file in the workshop. The password of a proxy must not be on a command line.
pub(crate) fn settings(
    settings: Vec<String>,
    archives: &[Archive],
    proxies: &Proxies,
    workshop: &Path,
) -> anyhow::Result<Vec<String>> {
    let settings = lines(settings, archives, proxies)?;
    if settings.is_empty() {
        return Ok(settings);
    }
    let path = workshop.join("apt.conf");
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all((settings.join("\n") + "\n").as_bytes())
    };
    write().with_context(|| format!("{}: cannot write", path.display()))?;
    Ok(vec![path.display().to_string()])
}
