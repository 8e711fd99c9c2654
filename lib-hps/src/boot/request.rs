// SPDX-License-Identifier: GPL-3.0-or-later
//! What a booting machine says of itself, and what a person chose at its console.

use crate::types::{HostType, Invalid, Line, Profile};
use std::fmt;
use std::str::FromStr;

/// Claims of the firmware. They are shown and logged; they prove nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BootClaims {
    /// SMBIOS system UUID.
    pub uuid: Option<Line>,
    /// SMBIOS serial number.
    pub serial: Option<Line>,
    /// SMBIOS product name.
    pub product: Option<Line>,
    /// `i386`, `x86_64`, `arm64`: what iPXE was built for.
    pub arch: Option<Line>,
    /// `pcbios` or `efi`.
    pub platform: Option<Line>,
}

/// A choice of a menu, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuItem {
    /// The main menu.
    Init,
    /// The choice of host types.
    Install,
    /// Become this type, in this variant.
    InstallAs(HostType, Option<Profile>),
    /// Boot the local disk.
    LocalBoot,
    /// Restart the machine.
    Reboot,
    /// What iPXE knows of the machine.
    ShowIpxe,
    /// What this service knows of the host.
    ShowHost,
    /// Sent by our own script: the attempts of the permission are used up.
    GaveUp,
}

impl FromStr for MenuItem {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("menu item", text, "not one that this boot manager has");
        Ok(match text {
            "init_menu" => Self::Init,
            "install_menu" => Self::Install,
            "local_boot" => Self::LocalBoot,
            "reboot" => Self::Reboot,
            "show_ipxe" => Self::ShowIpxe,
            "show_host" => Self::ShowHost,
            "gave_up" => Self::GaveUp,
            _ => {
                let rest = text.strip_prefix("install_").ok_or_else(invalid)?;
                let (host_type, profile) = match rest.split_once('_') {
                    Some((host_type, profile)) => (host_type, Some(profile.parse::<Profile>()?)),
                    None => (rest, None),
                };
                let host_type: HostType = host_type.parse().map_err(|_| invalid())?;
                if profile.is_some_and(|p| !host_type.profiles().contains(&p)) {
                    return Err(invalid());
                }
                Self::InstallAs(host_type, profile)
            }
        })
    }
}

impl fmt::Display for MenuItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init => f.write_str("init_menu"),
            Self::Install => f.write_str("install_menu"),
            Self::InstallAs(host_type, None) => write!(f, "install_{host_type}"),
            Self::InstallAs(host_type, Some(profile)) => write!(f, "install_{host_type}_{profile}"),
            Self::LocalBoot => f.write_str("local_boot"),
            Self::Reboot => f.write_str("reboot"),
            Self::ShowIpxe => f.write_str("show_ipxe"),
            Self::ShowHost => f.write_str("show_host"),
            Self::GaveUp => f.write_str("gave_up"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire() {
        for text in [
            "init_menu",
            "install_menu",
            "install_SCH",
            "install_SCH_STORAGERAID",
            "install_TCH",
            "local_boot",
            "reboot",
            "show_ipxe",
            "show_host",
            "gave_up",
        ] {
            assert_eq!(text.parse::<MenuItem>().unwrap().to_string(), text);
        }
        for bad in ["", "install_", "install_XYZ", "install_TCH_STORAGERAID", "install_SCH_", "format_disk"] {
            assert!(bad.parse::<MenuItem>().is_err(), "{bad:?}");
        }
    }
}
