// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found, from_finding};
use crate::host_state::check::parts;

/// Addresses of hosts that other machines use, by the rules of `host-state check`.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    Ok(parts::addresses(&context.store)?.iter().map(from_finding).collect())
}
