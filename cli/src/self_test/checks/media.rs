// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found, from_finding};
use crate::host_state::check::parts;
use hps::preflight::FindingKind;

/// What each host type of the cluster would be served, by the rules of the preflight check. A type that cannot be
/// installed is a problem here, also if no host needs it now.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let found = parts::media(&context.store)?;
    Ok(found
        .iter()
        // Where hosts get updates later is no question of this node: host-state check reports it.
        .filter(|(kind, _)| !matches!(kind, FindingKind::NoUpdates | FindingKind::Fact))
        .map(|(kind, finding)| match kind {
            FindingKind::Note | FindingKind::NoUpdates | FindingKind::Fact => from_finding(finding),
            FindingKind::Served | FindingKind::Media | FindingKind::Lacking | FindingKind::Absent => {
                Found { status: super::super::found::Status::Problem, ..from_finding(finding) }
            }
        })
        .collect())
}
