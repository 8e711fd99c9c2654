// SPDX-License-Identifier: GPL-3.0-or-later
//! What the history says of an edit.

use crate::host::Host;
use crate::types::{Line, MacAddr};

/// The values that changed.
pub(super) fn edit_note(before: &Host, after: &Host) -> Option<Line> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let macs = |host: &Host| host.macs().map(MacAddr::colons).collect::<Vec<_>>().join(" ");
    let values = |host: &Host| {
        [
            ("name", text(host.name.as_ref().map(ToString::to_string))),
            ("type", text(host.host_type.map(|t| t.to_string()))),
            ("profile", text(host.profile.map(|p| p.to_string()))),
            ("address", text(host.address.map(|a| a.to_string()))),
            ("macs", macs(host)),
            ("reason", text(host.reason.as_ref().map(|r| format!("\"{r}\"")))),
        ]
    };
    let changed: Vec<String> = values(before)
        .into_iter()
        .zip(values(after))
        .filter(|(old, new)| old != new)
        .map(|((key, old), (_, new))| format!("{key} {old} -> {new}"))
        .collect();
    (!changed.is_empty()).then(|| Line::lossy(&changed.join(", ")))
}
