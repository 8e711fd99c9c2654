// SPDX-License-Identifier: GPL-3.0-or-later

use super::text_enum;

/// GRUB for BIOS, which iPXE starts as a network boot program. It does not return.
pub const DISK_LOADER_BIOS: &str = "local-disk.pxe";
/// GRUB for UEFI x86-64. It returns if no disk has a loader.
pub const DISK_LOADER_UEFI: &str = "local-disk.efi";

text_enum! {
    /// How a machine that booted from the network is handed over to its own disk.
    #[derive(Default)]
    LocalBoot, "way to the local disk",

    /// GRUB looks on all disks for a loader and starts it, wherever the firmware has that disk in its order.
    #[default]
    Chainloader = "chainloader",
    /// The network boot ends, and the firmware continues with the next entry of its boot order.
    Exit = "exit",
    /// BIOS: the firmware's first disk, whatever is on it. UEFI has no like of it: as `exit`.
    Sanboot = "sanboot",
}
