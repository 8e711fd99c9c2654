// SPDX-License-Identifier: GPL-3.0-or-later
//! The program that a machine boots through, and whose scripts it reads.

use super::text_enum;

text_enum! {
    /// Whose scripts a machine reads, by its name on the wire and in the cluster file.
    #[derive(Default)]
    Loader, "boot loader",

    /// iPXE. Debian's build is not signed, so Secure Boot refuses it.
    #[default]
    Ipxe = "ipxe",
    /// Debian's signed shim and GRUB.
    Grub = "grub",
}
