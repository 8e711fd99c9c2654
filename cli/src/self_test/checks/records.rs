// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found, from_finding};
use hps::store::EntryKind;

/// The registry, by the rules of `host-state check`. Names in DNS have a check of their own.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let names = context.store.paths.host_entries_dir(EntryKind::Names);
    let site_key = context.store.paths.site_key();
    let is_ours =
        |file: &std::path::Path| !file.starts_with(&names) && (file != site_key || !context.is_broken("rights"));
    Ok(context.registry()?.iter().filter(|finding| is_ours(&finding.file)).map(from_finding).collect())
}
