// SPDX-License-Identifier: GPL-3.0-or-later
//! Methods of HTTP (RFC 9110, 9.3), and which of them each command accepts.
//!
//! Only a method that is meant to change things begins a command that changes anything. HEAD reads and writes nothing.
//! Every method except GET, HEAD and POST gets 405. iPXE can send only GET, so the requests of machines change things
//! by GET. Such a request must prove itself by ticket, token or sender.

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// What iPXE sends, and GRUB after HEAD. Also the default for a person who starts the program by hand.
    #[default]
    Get,
    /// The headers that GET would get. It changes nothing.
    Head,
    /// A request with a body.
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

/// Whether a command answers with a script that cannot be made without doing what it asks for. GRUB that was started by
/// UEFI HTTP boot sends HEAD before each GET, and gives up at another status than 200. It needs no length.
pub(super) fn has_script_of_get(command: &str) -> bool {
    matches!(command, "process_menu_item" | "unsupported")
}

/// The methods of a command, as the header `Allow` lists them; none if there is no such command.
pub(super) fn allowed(command: &str) -> Option<&'static str> {
    Some(match command {
        // The answer is decided for any sender. HEAD does not store what GET stores about the machine.
        "init" | "boot_action" => "GET, HEAD",
        // A choice at a console, the begin of an attempt, its end: HEAD could not be answered without doing it.
        "process_menu_item" | "unsupported" | "answer" | "task" | "erase" => "GET",
        "event" | "task_report" | "erase_report" => "GET, POST",
        "log" | "hardware" => "POST",
        // Scripts of the shell release send both.
        "determine_state" | "host_get_config" => "GET, HEAD, POST",
        "kickstart" | "config_host" | "set_status" | "set_host_name_value" | "log_message" => "GET, POST",
        _ => return None,
    })
}
