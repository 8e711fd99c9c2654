// SPDX-License-Identifier: GPL-3.0-or-later
//! What the sources of HPS must keep to: rooms and floors, words, and rules that only one place may carry out.
//! Each file holds one kind of rule; its first lines say how to see it fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

mod glossary;
mod hidden_errors;
mod house;
mod imports;
mod modules;
mod names;
mod one_place;
mod purity;
mod resolve;
mod signals;
mod sizes;
mod sources;
