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
mod configure;
mod help;
mod hosts;
mod kickstart;
mod services;
mod trees;

const PROGRAM: &str = env!("CARGO_BIN_EXE_reload");
