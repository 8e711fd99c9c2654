// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of a boot loader as clients ask for it.

use super::{all_bytes, checked_text};

/// Debian's shim in the TFTP folder. It starts Debian's GRUB.
pub const SHIM_OF_DEBIAN: &str = "shimx64.efi";

checked_text! {
    /// A file in the TFTP folder, and below `/boot/` of the web server. The dot keeps it apart from folders there.
    LoaderFile, "boot loader file",
    "expected 3 to 64 of a-z, A-Z, 0-9, '.', '_' and '-', with a dot inside, such as ipxe.efi",
    |text| all_bytes(text, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && !text.contains("..") && !text.starts_with(['.', '-']) && !text.ends_with('.') && text.contains('.')
}
