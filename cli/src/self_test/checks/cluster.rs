// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};

/// The files were read before the first check: one that cannot be read is the result of this check.
#[expect(clippy::unnecessary_wraps, reason = "as every check")]
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let (conf, cluster) = (context.site.path.display(), context.store.paths.cluster_file());
    Ok(vec![Found::ok(format!("{conf} and {} are good", cluster.display()))])
}
