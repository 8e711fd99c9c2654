// SPDX-License-Identifier: GPL-3.0-or-later
//! The words of power control: the protocol by which a host is switched, its firmware mode, and the names in its settings.

use super::{all_bytes, checked_text, text_enum};

text_enum! {
    /// How a host is switched on and off.
    PowerProtocol, "power protocol",

    /// Redfish (DMTF DSP0266), over HTTPS.
    Redfish = "redfish",
    /// IPMI 2.0 over the network (lanplus).
    Ipmi = "ipmi",
    /// A magic packet. It can only switch on.
    WakeOnLan = "wake-on-lan",
    /// A program of the site.
    Command = "command",
}

text_enum! {
    /// The firmware mode in which a host boots.
    BootMode, "firmware mode",

    /// Legacy BIOS.
    Bios = "bios",
    /// UEFI.
    Uefi = "uefi",
}

checked_text! {
    /// The name of stored BMC credentials: a file name.
    CredentialsName, "name of credentials", "expected 1 to 64 of a-z, 0-9, '_' and '-', beginning with a letter or a digit",
    |text| all_bytes(text, 64, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
        && !text.starts_with(['_', '-'])
}

checked_text! {
    /// The `Id` of a `ComputerSystem` of Redfish.
    SystemId, "system", "expected the Id of a system of Redfish, such as 1 or System.Embedded.1",
    |text| all_bytes(text, 128, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':'))
}

impl BootMode {
    /// By the platform that iPXE reports. The machine says so itself, so it is only a default.
    pub fn from_platform(platform: &str) -> Option<Self> {
        match platform {
            "efi" => Some(Self::Uefi),
            "pcbios" => Some(Self::Bios),
            _ => None,
        }
    }
}

impl PowerProtocol {
    /// Whether it uses an address, a user and a password.
    pub fn is_of_bmc(self) -> bool {
        matches!(self, Self::Redfish | Self::Ipmi)
    }
}
