// SPDX-License-Identifier: GPL-3.0-or-later
//! The programs of HPS: one file or folder for each, and what they share.

mod audit;
pub mod build_image;
pub mod build_repository;
pub mod change;
pub mod check_and_download_rocky;
pub mod cluster_configure;
mod console;
mod debian_archives;
pub mod front;
pub mod host_power;
pub mod host_state;
pub mod hps_web;
pub mod layout;
pub mod lost;
pub mod media;
mod other_dhcp;
mod page_health;
mod power;
pub mod program;
pub mod programs;
mod published;
pub mod reader;
pub mod reload;
pub mod self_test;
pub mod site_copy;
mod site_file;

/// `main` of each program: parse, run, answer.
pub use program::main_of;
