// SPDX-License-Identifier: GPL-3.0-or-later
//! The library of HPS, the host provisioning service.
//!
//! It takes no arguments, prints nothing and reads no environment: its two edges, the programs in `cli`
//! and the CGI in `cgi`, do. The pure rooms are [`types`], [`config`], [`host`], [`boot`] and [`render`],
//! in that order of knowledge: time and randomness come in as arguments. The rooms that touch the world
//! are [`files`] (which files are believed), [`store`] (the files of HPS), [`media`] (what is installed from) and [`exec`]
//! (other programs); [`situation`] gathers from them what one decision needs, [`answer`] collects what an answer file is made of, [`reservation`] gives a host its place, and [`manager`] is the boot manager,
//! which answers machines with all of them; [`desk`] looks at what these would be
//! served, before they ask.

pub mod answer;
pub mod boot;
pub mod config;
pub mod desk;
pub mod exec;
pub mod files;
#[cfg(test)]
#[path = "golden_tests.rs"]
mod golden;
pub mod host;
pub mod manager;
pub mod media;
pub mod render;
pub mod reservation;
#[cfg(test)]
#[path = "same_answer_tests.rs"]
mod same_answer;
pub mod situation;
pub mod store;
pub mod types;
