// SPDX-License-Identifier: GPL-3.0-or-later
//! One host: its record, the states it passes, the permission to install it, and its history.

mod event;
mod permission;
mod record;
mod state;
mod window;

pub use event::{HistoryLine, Who};
pub use permission::{Grant, Permission, PermissionId, PermissionSource};
pub use record::{Attempt, Host, RecordError, StageTime};
pub use state::{Event, HostState, Refused};
pub use window::Window;
