// SPDX-License-Identifier: GPL-3.0-or-later
//! The marks that machines were ever installed.

use super::findings::Findings;
use super::folder::names;
use super::registry::Registry;
use hps::store::StoreError;
use hps::types::MacAddr;

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) {
    let folder = registry.store.paths.ever_installed_dir();
    for name in names(&folder, findings) {
        let path = folder.join(&name);
        let Some(mac) = name.parse::<MacAddr>().ok().filter(|mac| mac.to_string() == name) else {
            findings.problem(
                &path,
                None,
                "protects no machine: the name is not a MAC of 12 lower-case hex digits",
                "rename or remove it",
            );
            continue;
        };
        if let Err(error) = registry.store.installed_marks().mark_of(mac) {
            findings.error(&path, &error, "until it can be read, this machine boots its disk");
        }
    }
    if let Err(error) = registry.store.ended_marks().require_place() {
        let spent = registry.store.paths.spent_dir();
        let advice = "restore it from a copy of this node; if it is lost, run reload, which makes a new one and ends every permission";
        match error {
            StoreError::NoMarks { .. } => findings.problem(&spent, None, "is missing: no permission counts", advice),
            other => findings.error(&spent, &other, "until it can be read, no permission counts"),
        }
    }
}
