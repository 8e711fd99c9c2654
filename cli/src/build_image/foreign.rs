// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether this machine can run programs of another processor: a build runs those of its packages.

use crate::program::{Ended, Exit};
use hps::types::Cpu;
use std::path::Path;

/// The kernel's binfmt_misc (its documentation: Documentation/admin-guide/binfmt-misc.rst). The entry has this name with the
/// packages of Debian.
const ENTRIES: &str = "/proc/sys/fs/binfmt_misc";

/// # Errors
/// When it cannot, with what to install.
pub(super) fn need_programs(cpu: Cpu) -> anyhow::Result<()> {
    if cpu.as_str() == std::env::consts::ARCH {
        return Ok(());
    }
    let entry = Path::new(ENTRIES).join(format!("qemu-{cpu}"));
    let why = match std::fs::read_to_string(&entry) {
        Ok(text) if !text.lines().any(|line| line == "enabled") => format!("{} is disabled", entry.display()),
        // F: the interpreter is opened when it is registered, so a root without it can use it.
        Ok(text) if !has_flag(&text, 'F') => format!("{} has no flag F", entry.display()),
        Ok(_) if Path::new(ARCH_TEST).exists() => return Ok(()),
        Ok(_) => "arch-test is not installed".to_owned(),
        Err(error) => format!("{}: {error}", entry.display()),
    };
    Err(Ended::error(
        Exit::Failed,
        format!(
            "this machine cannot run programs of {cpu}, which a build for it needs ({why}); install arch-test, binfmt-support and qemu-user-static, or use a provisioning node of {cpu}"
        ),
    ))
}

/// mmdebstrap asks it.
const ARCH_TEST: &str = "/usr/bin/arch-test";

fn has_flag(entry: &str, flag: char) -> bool {
    entry.lines().filter_map(|line| line.strip_prefix("flags: ")).any(|flags| flags.contains(flag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_processor_needs_nothing() {
        let own = [Cpu::X86_64, Cpu::Aarch64].into_iter().find(|cpu| cpu.as_str() == std::env::consts::ARCH);
        assert!(need_programs(own.unwrap()).is_ok());
        let entry = "enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: PF\noffset 0\n";
        assert!(has_flag(entry, 'F') && !has_flag(entry, 'O') && !has_flag("enabled\n", 'F'));
    }
}
