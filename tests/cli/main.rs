// SPDX-License-Identifier: GPL-3.0-or-later
//! The programs, as an administrator types them, with the real dnsmasq and lighttpd.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod arming;
mod check;
mod configure;
mod help;
mod hostile;
mod hosts;
mod import;
mod kickstart;
mod logs;
mod man;
mod notify;
mod parallel;
mod registry;
mod services;
mod trees;

const PROGRAM: &str = env!("CARGO_BIN_EXE_reload");
