// SPDX-License-Identifier: GPL-3.0-or-later
//! Switching hosts on and off, and letting them boot from the network once.
//!
//! A [`Controller`] hides the protocol. It does one thing at a time, and believes nothing that was not read back. The
//! [`Change`]s that people ask for are made of its steps, in the same way for each protocol. A [`Console`] is the serial
//! line of a host.

mod change;
mod console;
mod console_screen;
mod console_text;
mod controller;
mod error;
mod escapes;
mod ipmi;
mod limits;
mod redfish;
mod site_program;
mod state;
mod target;
mod wake_on_lan;

pub use change::{Change, Done, make};
pub use console::{Console, ConsoleRead, open_console};
pub use console_screen::ConsoleScreen;
pub use console_text::{ConsoleText, MAX_CONSOLE_LINE_BYTES};
pub use controller::Controller;
pub use error::PowerError;
pub use limits::Limits;
pub use redfish::{Seen, certificate};
pub use state::{BootHolds, PowerState, Switch};
pub use target::{Target, open};
