// SPDX-License-Identifier: GPL-3.0-or-later
//! The length of the kernel's command line, of which Linux drops what is too much without a word.

/// x86 keeps 2,048 bytes with the end of the string (`COMMAND_LINE_SIZE`, arch/x86/include/asm/setup.h).
pub const KERNEL_LINE_BYTES: usize = 2_047;
/// What HPS, GRUB and the installer put before a site's arguments: the root, consoles, raid and volumes.
const OURS: usize = 512;

/// Whether a site's arguments fit beside ours.
///
/// # Errors
/// How many bytes they have, and how many they may have.
pub fn check_kernel_arguments<T: AsRef<str>>(arguments: impl IntoIterator<Item = T>) -> Result<(), String> {
    let bytes: usize = arguments.into_iter().map(|argument| argument.as_ref().len() + 1).sum();
    let most = KERNEL_LINE_BYTES - OURS;
    if bytes <= most {
        return Ok(());
    }
    Err(format!(
        "kernel_arguments have {bytes} bytes with the blanks between them: expected at most {most}, since the kernel keeps {KERNEL_LINE_BYTES} of its whole command line and drops the rest"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_would_drop_is_refused_with_the_number() {
        assert_eq!(check_kernel_arguments(["a"; 767]), Ok(()));
        assert!(check_kernel_arguments(["a"; 768]).unwrap_err().contains("have 1536 bytes"));
        assert!(check_kernel_arguments([&"x".repeat(195); 20]).unwrap_err().contains("at most 1535"));
    }
}
