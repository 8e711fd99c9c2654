// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found, from_finding};
use crate::host_state::check::parts;
use crate::reload::drift;

/// What `reload` would correct, what it cannot correct, and published files that others can change.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let wrong = drift::wrong_rights(&context.site);
    let others = parts::rights(&context.store)?;
    // A file is reported once, and none in a folder that is reported.
    let is_new = |file: &std::path::Path| {
        !file.ancestors().any(|place| wrong.iter().any(|line| line.starts_with(&format!("{}: ", place.display()))))
    };
    let others = others.iter().filter(|finding| is_new(&finding.file)).map(from_finding);
    Ok(wrong.iter().map(|line| Found::problem_line(line)).chain(others).collect())
}
