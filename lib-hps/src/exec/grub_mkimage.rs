// SPDX-License-Identifier: GPL-3.0-or-later
//! `grub-mkimage` (GRUB manual, "Invoking grub-mkimage"): a GRUB that is one file.

use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    /// The platform, such as `x86_64-efi`.
    pub format: &'a str,
    /// The modules in it; each brings those that it needs.
    pub modules: &'a [&'a str],
    /// An archive (cpio "newc" with the module `newc`) that GRUB sees as `(memdisk)`. Its `boot/grub/grub.cfg` is carried out. With a
    /// prefix of no folder, GRUB takes the folder of the boot file that DHCP named.
    pub memdisk: &'a Path,
}

/// Makes it in the file `out`. The same input gives the same bytes.
///
/// # Errors
/// When grub-mkimage or a module is missing, or it fails.
pub fn make(image: Image<'_>, out: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("grub-mkimage", "grub-common")
        .args(["--format", image.format, "--memdisk"])
        .path(image.memdisk)
        .arg("--output")
        .path(out)
        .args(image.modules)
        .output(Limit::CHECK, stop)
        .map(drop)
}
