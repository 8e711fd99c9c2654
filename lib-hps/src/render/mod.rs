// SPDX-License-Identifier: GPL-3.0-or-later
//! Decisions and settings as text for other programs: iPXE scripts, answer files, and the configuration of dnsmasq and
//! lighttpd. Pure functions that return whole documents.
//!
//! Formats that we own are typed lines ([`ipxe`], [`dnsmasq`], [`lighttpd`]); kickstarts are templates ([`answer`]).

pub mod answer;
pub mod dnsmasq;
pub mod ipxe;
pub mod lighttpd;
pub mod scripts;
pub mod system;
pub mod units;
