// SPDX-License-Identifier: GPL-3.0-or-later
//! The library of HPS, the host provisioning service.
//!
//! It takes no arguments, prints nothing and reads no environment: its two edges, the programs in `cli`
//! and the CGI in `cgi`, do. The pure rooms are [`types`], [`config`], [`host`], [`boot`] and [`render`],
//! in that order of knowledge: time and randomness come in as arguments. The rooms that touch the world
//! are [`files`] (which files are believed), [`store`] (the files of HPS), [`media`] (what is installed from) and [`exec`]
//! (other programs). Above them, [`answer`] collects what an answer file is made of, [`permitted`] finds what permits a machine,
//! [`boot_context`] loads the facts of one boot decision, and [`reservation`] gives a host its place. [`manager`] is the boot manager,
//! which answers machines; [`preflight`] checks what they would be served, before they ask.

pub mod answer;
pub mod boot;
pub mod boot_context;
pub mod config;
pub mod exec;
pub mod files;
#[cfg(test)]
#[path = "golden_tests.rs"]
mod golden;
pub mod host;
pub mod manager;
pub mod media;
pub mod permitted;
pub mod preflight;
pub mod render;
pub mod reservation;
#[cfg(test)]
#[path = "same_answer_tests.rs"]
mod same_answer;
pub mod store;
pub mod types;
