// SPDX-License-Identifier: GPL-3.0-or-later
//! `check-and-download-rocky` against mirrors that behave, and mirrors that do not; `build-image` with a workshop that builds
//! nothing; `build-repository` with packages that are what they should be, and packages that are not.
//!
//! The fake mirror is a plain TCP server, since half of the tests need to break a connection in the middle.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

mod apt;
mod boot_loaders;
mod bounds;
mod building;
mod builds;
mod crafted;
mod debian;
mod fake_proxy;
mod iso;
mod key;
mod mirror;
mod no_network;
mod odd_files;
mod offline;
mod packages;
#[path = "../support/programs.rs"]
mod programs;
mod proxies;
mod race;
mod resume;
mod rpm;
mod signatures;
mod site;
mod squid;
mod stopped;
mod tls;
mod transfers;
mod whole_way;
mod workshop;

const PROGRAM: &str = env!("CARGO_BIN_EXE_check-and-download-rocky");
const BUILD_REPOSITORY: &str = env!("CARGO_BIN_EXE_build-repository");
