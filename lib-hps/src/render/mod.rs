// SPDX-License-Identifier: GPL-3.0-or-later
//! Decisions and settings as text for other programs: scripts of iPXE and GRUB, answer files, and the configuration of dnsmasq and
//! lighttpd. Pure functions that return whole documents.
//!
//! Formats that we own are typed lines ([`ipxe`], [`grub`], [`dnsmasq`], [`lighttpd`]); kickstarts are templates ([`answer`]).

pub mod answer;
pub mod chrony;
pub mod dnsmasq;
pub mod grub;
pub mod ipxe;
pub mod lighttpd;
pub mod other_dhcp;
pub mod page;
mod rows;
mod sandbox;
pub mod scripts;
pub mod system;
pub mod units;
pub mod web;
pub mod web_units;
