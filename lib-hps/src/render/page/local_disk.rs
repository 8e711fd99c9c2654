// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Address, After};

/// The own disk of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalDisk {
    /// How the machine is handed over to it.
    pub way: Way,
    /// How many seconds the machine waits for the key of the menu, and where this leads.
    pub menu: Option<(u32, Address)>,
    /// Whether the machine may be blank: if no disk has a loader, it goes on with `failed`. Otherwise its firmware goes on, which may know
    /// more.
    pub blank: bool,
    /// The sentence for the screen when the disk does not boot.
    pub failed: &'static str,
    /// What the machine does after that sentence.
    pub after: After,
}

/// How a machine is handed over to its disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A GRUB looks for the disk that starts a system.
    Chainloader {
        /// GRUB for BIOS, a network boot program that does not return.
        bios: Address,
        /// GRUB for UEFI x86-64. It returns if no disk has a loader.
        uefi: Address,
    },
    /// The network boot ends, and the firmware continues with the next entry of its boot order.
    Exit,
    /// BIOS: the first disk, whatever is on it. UEFI: as [`Way::Exit`].
    Sanboot,
}

impl LocalDisk {
    /// How long an installed machine waits for the key of the menu. Every boot from the disk costs this time.
    pub const KEY_SECONDS: u32 = 3;
}
