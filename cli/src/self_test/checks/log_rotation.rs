// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use hps::exec::services::ServiceFiles;
use hps::store::read_plain;
use std::path::Path;

/// Where logrotate(8) of Debian reads its rules.
const FOLDER: &str = "/etc/logrotate.d";
/// No rules are longer.
const MAX_BYTES: u64 = 1 << 20;

/// Whether the rules that `reload` writes are linked there, or a file of the site names the same logs.
#[expect(clippy::unnecessary_wraps, reason = "as every check")]
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let rules = ServiceFiles::new(&context.site.conf).logrotate();
    let log = context.store.paths.dnsmasq_log().display().to_string();
    let entries = std::fs::read_dir(FOLDER).into_iter().flatten().flatten();
    let knows = |path: &Path| {
        let is_link = path.canonicalize().ok().is_some_and(|place| rules.canonicalize().ok() == Some(place));
        is_link || read_plain(path, MAX_BYTES).is_ok_and(|text| String::from_utf8_lossy(&text).contains(&log))
    };
    if entries.into_iter().any(|entry| knows(&entry.path())) {
        return Ok(Vec::new());
    }
    let text = format!("{FOLDER} has no rules for the logs of the services, which grow until the disk is full");
    Ok(vec![Found::warning(text, format!("ln -s {} {FOLDER}/hps", rules.display()))])
}
