// SPDX-License-Identifier: GPL-3.0-or-later
//! Other programs: one module for each, called without a shell, with typed arguments.

mod run;

pub mod apt;
pub mod dnsmasq;
pub mod ip;
pub mod lighttpd;
pub mod mmdebstrap;
pub mod services;
pub mod xorriso;
pub mod zstd;

pub use run::{ExecError, Run};
