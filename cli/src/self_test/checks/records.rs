// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found, from_finding};
use hps::store::EntryKind;
use std::path::Path;

/// The registry, by the rules of `host-state check`. Names in DNS and rights have checks of their own.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let names = context.store.paths.host_entries_dir(EntryKind::Names);
    let by_rights = |file: &Path| context.is_broken("rights") && context.has_wrong_rights(file);
    let is_ours = |file: &Path| !file.starts_with(&names) && !by_rights(file);
    Ok(context.registry()?.iter().filter(|finding| is_ours(&finding.file)).map(from_finding).collect())
}
