// SPDX-License-Identifier: GPL-3.0-or-later
//! A host that left the site: until when its name and address are kept for it.

use crate::types::Timestamp;
use serde::{Deserialize, Serialize};

/// Since when a host is retired, and until when its place is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retirement {
    /// When it was retired.
    pub at: Timestamp,
    /// From then on another host may get its name and address.
    pub free_at: Timestamp,
}
