// SPDX-License-Identifier: GPL-3.0-or-later
//! One function for each command of the wire.

mod answer;
mod boot;
mod menu;
mod report;

pub(crate) use answer::answer;
pub(crate) use boot::{boot_action, init};
pub(crate) use menu::process_menu_item;
pub(crate) use report::{event, log};
