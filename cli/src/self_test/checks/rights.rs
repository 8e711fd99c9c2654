// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found, from_finding};
use crate::host_state::check::parts;

/// What `reload` would correct, what it cannot correct, and published files that others can change. A file is reported
/// once, and none in a folder that is reported.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let wrong = context.wrong_rights().iter().map(|line| Found::problem_line(line));
    let others = parts::rights(&context.store)?;
    let others = others.iter().filter(|finding| !context.has_wrong_rights(&finding.file)).map(from_finding);
    Ok(wrong.chain(others).collect())
}
