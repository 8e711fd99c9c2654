// SPDX-License-Identifier: GPL-3.0-or-later
//! One host: its record, the states it passes, the permission to install it, and its history.

mod edit;
mod event;
mod installed;
mod permission;
mod record;
mod shell;
mod stalled;
mod state;
mod window;

pub use edit::{Edit, EditError};
pub use event::{HistoryLine, Who};
pub use installed::{Dead, Installed, Mark};
pub use permission::{Grant, Permission, PermissionId, PermissionRef, PermissionSource};
pub use record::{Attempt, Host, MOST_DISKS, RecordError, StageTime};
pub use shell::assignment;
pub use stalled::Stalled;
pub use state::{Event, HostState, Refused};
pub use window::Window;
