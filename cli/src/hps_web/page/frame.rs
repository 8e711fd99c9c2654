// SPDX-License-Identifier: GPL-3.0-or-later
//! What all pages have in common: the frame with the name of the cluster, and links.

use super::templates::View;
use crate::hps_web::api;
use crate::hps_web::site::{Current, Snapshot};
use std::sync::Arc;

/// A value in the query of a link.
pub(super) fn encoded(pairs: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The hosts, and the frame of a page about them.
///
/// # Errors
/// When they are not known.
pub(super) fn view(current: &Current) -> anyhow::Result<(Arc<Snapshot>, View)> {
    let snapshot = api::snapshot(current)?;
    let cluster = snapshot.store.cluster.name.to_string();
    Ok((snapshot, View { cluster, ..View::default() }))
}
