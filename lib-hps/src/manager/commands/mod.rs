// SPDX-License-Identifier: GPL-3.0-or-later
//! One function for each command of the wire.

pub(super) mod answer;
mod boot;
mod console_requests;
mod erase;
mod hardware;
mod install;
mod legacy;
mod menu;
mod report;
mod task;
mod unsupported;

pub(crate) use answer::answer;
pub(crate) use boot::{boot_action, init};
pub(crate) use erase::{erase, erase_report};
pub(crate) use hardware::hardware;
pub(crate) use legacy::legacy;
pub(crate) use menu::process_menu_item;
pub(crate) use report::{event, log};
pub(crate) use task::{task, task_report};
pub(crate) use unsupported::unsupported;
