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
        .map(|(kind, finding)| match kind {
            FindingKind::Note => from_finding(finding),
            FindingKind::Served | FindingKind::Media | FindingKind::Lacking | FindingKind::Absent => {
                Found { status: super::super::found::Status::Problem, ..from_finding(finding) }
            }
        })
        .collect())
}
