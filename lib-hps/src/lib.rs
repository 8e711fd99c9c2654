// SPDX-License-Identifier: GPL-3.0-or-later
//! The library of HPS, the host provisioning service.
//!
//! It takes no arguments, prints nothing and reads no environment: its two edges do, the programs in `cli` and the CGI
//! in `cgi`. The pure rooms are [`types`], [`hardware`], [`config`], [`host`], [`boot`] and [`render`], from the lowest
//! to the highest: time and randomness come in as arguments. The other rooms touch the world: [`files`] (which files are
//! trusted), [`store`] (the files of HPS), [`media`] (installation media), [`exec`] (other programs), [`wire`] (what
//! others answer on the network) and [`power`] (how hosts are switched on and off). [`site_archive`] is the one file
//! that has a whole site. Above them,
//! [`answer`] collects the ingredients of an answer file, [`permitted`] finds what permits a machine, [`boot_context`]
//! loads the facts of one boot decision, and [`reservation`] reserves address and name of a host. [`manager`] is the
//! boot manager, which answers machines; [`preflight`] checks what they would be served, before they ask.

pub mod answer;
pub mod boot;
pub mod boot_context;
pub mod config;
pub mod exec;
pub mod files;
#[cfg(test)]
#[path = "golden_tests.rs"]
mod golden;
pub mod hardware;
pub mod host;
pub mod manager;
pub mod media;
pub mod permitted;
pub mod power;
pub mod preflight;
pub mod render;
pub mod reservation;
#[cfg(test)]
#[path = "same_answer_tests.rs"]
mod same_answer;
pub mod site_archive;
pub mod store;
pub mod types;
pub mod wire;
