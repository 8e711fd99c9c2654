// SPDX-License-Identifier: GPL-3.0-or-later
//! One host: its record, the states it passes, the permission to install it, and its history.

mod attempt;
mod audit_line;
mod discovery_window;
mod document_error;
mod edit;
mod erase_permission;
mod erasure;
mod event;
mod installed;
mod macs;
mod node_task;
mod permission;
mod record;
mod retirement;
mod shell;
mod stalled;
mod state;
mod task_report;
mod values;
mod window;

pub use attempt::{Attempt, MAX_DISKS, StageTime};
pub use audit_line::AuditLine;
pub use discovery_window::DiscoveryWindow;
pub use document_error::DocumentError;
pub use edit::{Edit, EditError};
pub use erase_permission::{EraseGrant, ErasePermission, MAX_ERASED_DISKS, NoErase};
pub use erasure::{EraseMethod, EraseProtocol, EraseResult, ErasedDisk, Erasure, Verified};
pub use event::{HistoryLine, Who};
pub use installed::{Dead, Installed, Mark};
pub use macs::MacsError;
pub use node_task::{AfterTask, NodeTask, TaskDraft, TaskKind, TaskRequest, TaskSource};
pub use permission::{Grant, Permission, PermissionId, PermissionRef, PermissionSource};
pub use record::Host;
pub use retirement::Retirement;
pub use shell::assignment;
pub use stalled::Stalled;
pub use state::{Event, HostState, Refused};
pub use task_report::{TaskReport, TaskReports, TaskWord, Verdict};
pub use values::Values;
pub use window::Window;
