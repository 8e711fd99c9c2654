// SPDX-License-Identifier: GPL-3.0-or-later
//! Methods of HTTP (RFC 9110, 9.3), and which of them each command answers.
//!
//! A command that changes anything is never begun by a method that nobody means to change things with: HEAD reads and writes nothing,
//! and everything beyond GET, HEAD and POST is answered 405. iPXE can send GET alone, so what machines ask changes things by GET; the
//! ticket, the token or the sender is what such a request must prove.

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// What iPXE sends, and who names none, as a person who starts the program by hand.
    #[default]
    Get,
    /// The headers that GET would get. Nothing is changed.
    Head,
    /// What carries a body.
    Post,
    /// Every other one.
    Other,
}

impl Method {
    /// By its name, which is case-sensitive.
    pub fn from_name(name: &str) -> Self {
        match name {
            "" | "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            _ => Self::Other,
        }
    }

    /// Whether a header `Allow` with this value has it.
    pub(super) fn is_in(self, allowed: &str) -> bool {
        let own = match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Other => return false,
        };
        allowed.split(", ").any(|name| name == own)
    }
}

/// The methods of a command, as the header `Allow` says them; none where there is no such command.
pub(super) fn allowed(command: &str) -> Option<&'static str> {
    Some(match command {
        // They are decided for whoever asks, and what GET keeps of the machine, HEAD does not.
        "init" | "boot_action" => "GET, HEAD",
        // A choice at a console, the begin of an attempt, its end: HEAD could not be answered without doing it.
        "process_menu_item" | "unsupported" | "answer" => "GET",
        "event" => "GET, POST",
        "log" => "POST",
        // Scripts of the shell release send both.
        "determine_state" | "host_get_config" => "GET, HEAD, POST",
        "kickstart" | "config_host" | "set_status" | "set_host_name_value" | "log_message" => "GET, POST",
        _ => return None,
    })
}
