// SPDX-License-Identifier: GPL-3.0-or-later
//! What lighttpd's access log says of machines that boot over the network. Its format is set in `render::lighttpd`.

use super::wall_clock::{Wall, of_lighttpd};
use std::net::Ipv4Addr;

/// What a machine fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WebEvent {
    /// A boot loader, by HTTP.
    Loader(Ipv4Addr),
    /// An answer of the boot manager.
    BootManager(Ipv4Addr),
}

/// The events with their times, and the time of the first line: the log says nothing of what was before.
pub(super) fn events(text: &str) -> (Option<Wall>, Vec<(Wall, WebEvent)>) {
    let mut first = None;
    let mut events = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let (Some(address), Some(time), Some(_method), Some(path), Some(status)) =
            (words.next(), words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let (Ok(address), Some(time)) = (address.parse(), of_lighttpd(time)) else { continue };
        first = first.or(Some(time));
        if path.starts_with("/cgi-bin/boot_manager") {
            events.push((time, WebEvent::BootManager(address)));
        } else if path.starts_with("/boot/") && matches!(status, "200" | "206") {
            events.push((time, WebEvent::Loader(address)));
        }
    }
    (first, events)
}
