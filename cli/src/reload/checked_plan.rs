// SPDX-License-Identifier: GPL-3.0-or-later
//! A plan that was checked.

use super::plan::Plan;
use super::preflight;
use super::settings::check_served;
use crate::program::Site;
use hps::config::Cluster;
use hps::exec::services::ServiceManager;
use hps::store::{Store, cluster_text};

/// What would be written, after every question that can be asked about it.
pub(super) fn checked_plan(site: &Site, store: &Store, manager: Option<&dyn ServiceManager>) -> anyhow::Result<Plan> {
    let file = store.paths.cluster_file();
    let text = cluster_text(&site.conf, &store.cluster.name).ok();
    let text = text.filter(|text| Cluster::parse(text).is_ok_and(|c| c == store.cluster));
    let stopped = check_served(&store.cluster, &file, text.as_deref())?;
    let mut plan = Plan::make(site, store, manager)?;
    stopped.into_iter().for_each(|line| plan.add_warning(line));
    plan.check(store)?;
    preflight::look(&site.conf, store, text.as_deref(), &mut plan)?;
    Ok(plan)
}
