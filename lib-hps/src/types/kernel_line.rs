// SPDX-License-Identifier: GPL-3.0-or-later
//! The length of the kernel's command line. Linux drops a surplus without a report.
//!
//! Each value has a limit where it is parsed, so that the sum fits. Every renderer of a line still measures it, by
//! [`check_kernel_line`]: no line is served that the kernel would read only in part.

/// x86 keeps 2,048 bytes with the end of the string (`COMMAND_LINE_SIZE`, arch/x86/include/asm/setup.h).
pub const KERNEL_LINE_BYTES: usize = 2_047;
/// The length of everything besides a site's arguments: the consoles, and the words of boot loader and installer.
const OURS: usize = 512;
/// The most that boot loader and installer add to the line of a new system: the kernel's path, root, swap, memory for
/// crashes, and three arrays.
pub const LOADER_BYTES: usize = 335;
/// The most serial consoles of a cluster: with `console=tty0` the longest ones fit into [`OURS`] without
/// [`LOADER_BYTES`].
pub const MAX_CONSOLES: usize = 4;

/// Why the kernel would read only a part of its command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KernelLineError {
    /// A site's arguments do not fit besides ours.
    #[error(
        "kernel_arguments have {bytes} bytes with the blanks between them: expected at most {MAX_ARGUMENT_BYTES}, because the kernel keeps {KERNEL_LINE_BYTES} of its whole command line and drops the rest"
    )]
    Arguments {
        /// Their length.
        bytes: usize,
    },
    /// A whole line is too long.
    #[error(
        "the kernel's command line of {whose} has {bytes} bytes: expected at most {KERNEL_LINE_BYTES}, because the kernel drops the rest; make boot.consoles or kernel_arguments shorter"
    )]
    Line {
        /// Its name in messages.
        whose: &'static str,
        /// Its length.
        bytes: usize,
    },
}

const MAX_ARGUMENT_BYTES: usize = KERNEL_LINE_BYTES - OURS;

/// Whether a site's arguments fit besides ours.
///
/// # Errors
/// [`KernelLineError::Arguments`].
pub fn check_kernel_arguments<T: AsRef<str>>(arguments: impl IntoIterator<Item = T>) -> Result<(), KernelLineError> {
    let bytes: usize = arguments.into_iter().map(|argument| argument.as_ref().len() + 1).sum();
    if bytes <= MAX_ARGUMENT_BYTES { Ok(()) } else { Err(KernelLineError::Arguments { bytes }) }
}

/// Whether the kernel accepts a whole line. `whose` is its name in messages; `more` is the length that others add.
///
/// # Errors
/// [`KernelLineError::Line`].
pub fn check_kernel_line(whose: &'static str, line: &str, more: usize) -> Result<(), KernelLineError> {
    let bytes = line.len() + more;
    if bytes <= KERNEL_LINE_BYTES { Ok(()) } else { Err(KernelLineError::Line { whose, bytes }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_would_drop_is_refused_with_the_number() {
        assert_eq!(check_kernel_arguments(["a"; 767]), Ok(()));
        assert!(check_kernel_arguments(["a"; 768]).unwrap_err().to_string().contains("have 1536 bytes"));
        assert!(check_kernel_arguments([&"x".repeat(195); 20]).unwrap_err().to_string().contains("at most 1535"));
        assert_eq!(check_kernel_line("x", &"a".repeat(2_000), 47), Ok(()));
        assert!(
            check_kernel_line("the installer", &"a".repeat(2_000), 48)
                .unwrap_err()
                .to_string()
                .contains("installer has 2048 bytes")
        );
    }

    #[test]
    fn what_boot_loader_and_installer_add_is_enough() {
        let uuid = "01234567-89ab-cdef-0123-456789abcdef";
        let array = " rd.md.uuid=01234567:89abcdef:01234567:89abcdef";
        let rest = format!(
            "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.12.0-124.8.1.el10_1.x86_64 root=UUID={uuid} ro resume=UUID={uuid} crashkernel=2G-64G:256M,64G-:512M {}",
            array.repeat(3)
        );
        assert!(rest.len() <= LOADER_BYTES, "{}", rest.len());
        let consoles = "console=tty0".len() + MAX_CONSOLES * (" console=".len() + 32);
        assert!(consoles + LOADER_BYTES < OURS, "{consoles}");
    }
}
