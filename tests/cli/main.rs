// SPDX-License-Identifier: GPL-3.0-or-later
//! The programs, as an administrator types them, with the real dnsmasq and lighttpd.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

// Real packages, signed by a key of the tests.
#[allow(dead_code, reason = "the tests of media use the rest")]
#[path = "../media/key.rs"]
mod key;
#[allow(dead_code, reason = "the tests of media use the rest")]
#[path = "../media/rpm.rs"]
mod rpm;

mod address_use;
mod arm_boot;
mod bmc;
mod boot_loader;
mod build_repository;
mod cluster_configure;
mod cluster_configure_activate;
mod cluster_configure_answers;
mod cluster_configure_change;
mod cluster_configure_commands;
mod cluster_configure_edit;
mod cluster_configure_fragments;
mod cluster_configure_import;
mod cluster_configure_import_untidy;
mod cluster_configure_mistakes;
mod cluster_configure_questions;
mod cluster_rules;
mod copy_host;
mod debian_packages;
mod dhcp;
mod dhcp_port;
mod dns;
mod front;
mod help;
mod host_power;
mod host_power_ipmi;
mod host_state_add;
mod host_state_arm;
mod host_state_audit;
mod host_state_check;
mod host_state_completion;
mod host_state_console;
mod host_state_discover;
mod host_state_erase;
mod host_state_explain;
mod host_state_hardware;
mod host_state_history;
mod host_state_hosts;
mod host_state_import;
mod host_state_list;
mod host_state_log;
mod host_state_move;
mod host_state_notify;
mod host_state_pending;
mod host_state_reinstall;
mod host_state_render;
mod host_state_retire;
mod host_state_rm;
mod host_state_set;
mod host_state_show;
mod host_state_window;
mod hostile_user;
mod hps_web;
mod kickstart;
mod killed;
mod man;
mod memory;
mod name_length;
mod neighbour;
mod only_root;
mod other_dhcp;
mod own_types;
mod parallel;
mod preflight;
mod processors;
mod published_trees;
mod readers;
mod reads_only;
mod relay;
mod reload_interrupted;
mod reload_marks;
mod reload_refusals;
mod reload_repair;
mod reload_rollback;
mod reload_services;
mod reload_supervisord;
mod reload_systemd;
mod renumber;
mod replace_machine;
mod replace_nic;
mod root_folder;
mod self_test;
mod services;
mod setup;
mod site_copy;
mod site_export;
mod site_import;
mod site_profiles;
mod site_rehearse;
mod storage_networks;
mod terminal;
mod time_server;
mod tree_shims;
mod trust;
mod units;
mod unsuitable_systems;
mod web_server_files;

const PROGRAM: &str = env!("CARGO_BIN_EXE_reload");
