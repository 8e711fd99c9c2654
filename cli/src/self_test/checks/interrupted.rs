// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use crate::reload::owed_restarts;

/// Services that a killed `reload` did not start again.
#[expect(clippy::unnecessary_wraps, reason = "as every check")]
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let (file, services) = owed_restarts(&context.site.conf);
    let line = |service: &str| {
        let text = format!(
            "{}: a reload was interrupted: {service} runs with an older configuration than that in its files",
            file.display()
        );
        Found::problem(text, "reload")
    };
    Ok(services.into_iter().map(line).collect())
}
