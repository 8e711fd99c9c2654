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

mod arming;
mod becoming;
mod check;
mod configure;
mod help;
mod hostile;
mod hosts;
mod import;
mod kickstart;
mod logs;
mod man;
mod memory;
mod notify;
mod packages;
mod parallel;
mod preflight;
mod race;
mod registry;
mod services;
mod site_copy;
mod suits;
mod systemd;
mod top;
mod trees;
mod trust;
mod way_back;

const PROGRAM: &str = env!("CARGO_BIN_EXE_reload");
