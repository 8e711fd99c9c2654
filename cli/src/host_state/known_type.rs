// SPDX-License-Identifier: GPL-3.0-or-later
//! Host types as they are typed: a name of the right form may still be no type of HPS or of the cluster.

use crate::program::{Ended, Exit};
use hps::store::Store;
use hps::types::HostType;

/// Refuses a type that neither HPS nor the cluster has.
///
/// # Errors
/// [`Exit::Usage`], with the type that it resembles or all that are known.
pub(super) fn known(store: &Store, host_type: Option<HostType>) -> anyhow::Result<()> {
    let Some(host_type) = host_type else { return Ok(()) };
    store.cluster.check_type(host_type).map_err(|unknown| Ended::error(Exit::Usage, unknown.to_string()))
}
