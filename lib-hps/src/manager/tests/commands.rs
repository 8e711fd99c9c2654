// SPDX-License-Identifier: GPL-3.0-or-later
//! The commands of the wire, in groups.

pub(super) const SCRIPTS: [&str; 4] = ["init", "boot_action", "process_menu_item", "unsupported"];

pub(super) const OTHERS: [&str; 15] = [
    "answer",
    "event",
    "log",
    "hardware",
    "task",
    "task_report",
    "erase",
    "erase_report",
    "kickstart",
    "config_host",
    "set_status",
    "determine_state",
    "host_get_config",
    "set_host_name_value",
    "log_message",
];

/// Every command of the shell release switched on, so that it is not their setting that refuses them.
pub(super) const LEGACY: &str = "[legacy]\nkickstart = true\nconfig_host = true\nset_status = true\ndetermine_state = true\nhost_get_config = true\nset_host_name_value = true\nlog_message = true\n";
