// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether this machine runs programs of another processor: through the kernel's binfmt_misc
//! (Documentation/admin-guide/binfmt-misc.rst), with the entries of Debian's packages.

use crate::types::Cpu;
use std::path::{Path, PathBuf};

const ENTRIES: &str = "/proc/sys/fs/binfmt_misc";

/// mmdebstrap asks it.
const ARCH_TEST: &str = "/usr/bin/arch-test";

/// Why it does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The kernel has no interpreter for them.
    #[error("{}: {problem}", entry.display())]
    NoEntry {
        /// Where its entry would be.
        entry: PathBuf,
        /// The system's reason.
        problem: String,
    },
    /// The entry is switched off.
    #[error("{} is disabled", .0.display())]
    Disabled(PathBuf),
    /// The interpreter would have to be in each new root.
    #[error("{} has no flag F", .0.display())]
    NotOpened(PathBuf),
    /// A program that is asked.
    #[error("{ARCH_TEST} is missing")]
    NoArchTest,
}

/// What is in the way of running programs of this processor; nothing if it is this machine's.
///
/// # Errors
/// [`Obstacle`].
pub fn can_run(cpu: Cpu) -> Result<(), Obstacle> {
    if cpu.as_str() == std::env::consts::ARCH {
        return Ok(());
    }
    let entry = Path::new(ENTRIES).join(format!("qemu-{cpu}"));
    let text = std::fs::read_to_string(&entry)
        .map_err(|error| Obstacle::NoEntry { entry: entry.clone(), problem: error.to_string() })?;
    entry_works(&entry, &text)?;
    if Path::new(ARCH_TEST).exists() { Ok(()) } else { Err(Obstacle::NoArchTest) }
}

fn entry_works(entry: &Path, text: &str) -> Result<(), Obstacle> {
    if !text.lines().any(|line| line == "enabled") {
        return Err(Obstacle::Disabled(entry.to_owned()));
    }
    // F: the interpreter is opened when it is registered.
    let is_open = text.lines().filter_map(|line| line.strip_prefix("flags: ")).any(|flags| flags.contains('F'));
    if is_open { Ok(()) } else { Err(Obstacle::NotOpened(entry.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_processor_needs_nothing() {
        let own = Cpu::ALL.into_iter().find(|cpu| cpu.as_str() == std::env::consts::ARCH);
        assert_eq!(can_run(own.unwrap()), Ok(()));
    }

    #[test]
    fn an_entry_must_be_on_and_open_its_interpreter() {
        let entry = Path::new("qemu-aarch64");
        let text = "enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: PF\noffset 0\n";
        assert_eq!(entry_works(entry, text), Ok(()));
        assert_eq!(entry_works(entry, &text.replace("PF", "P")), Err(Obstacle::NotOpened(entry.into())));
        assert_eq!(entry_works(entry, &text.replace("enabled", "disabled")), Err(Obstacle::Disabled(entry.into())));
    }
}
