// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a machine can run a system: by the processor that its boot loader reports, and the one in its record.

use crate::types::{Cpu, Distro, FirmwareInfo};
use std::fmt;

/// Why a system is not for a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CpuObjection {
    /// The boot loader reports another processor than the system has.
    Reported {
        /// The word of the boot loader.
        word: String,
        /// The system.
        system: Distro,
    },
    /// The boot loader reports another processor than the record has.
    Changed {
        /// What it reports.
        reported: Cpu,
        /// What the record has.
        recorded: Cpu,
    },
    /// The record has another processor than the system.
    Recorded {
        /// What the record has.
        recorded: Cpu,
        /// The system.
        system: Distro,
    },
}

impl CpuObjection {
    /// What speaks against the system; `None` if nothing does. A machine that reports nothing, and has nothing in its
    /// record, is one of an older version.
    pub fn find(system: &Distro, reported: &FirmwareInfo, recorded: Option<Cpu>) -> Option<Self> {
        let (is, system) = (system.processor(), system.clone());
        if let Some(word) = &reported.arch {
            let Some(reported) = reported.cpu().filter(|cpu| *cpu == is) else {
                return Some(Self::Reported { word: word.to_string(), system });
            };
            return recorded
                .filter(|recorded| *recorded != reported)
                .map(|recorded| Self::Changed { reported, recorded });
        }
        recorded.filter(|recorded| *recorded != is).map(|recorded| Self::Recorded { recorded, system })
    }

    /// What an administrator can do about it.
    pub fn remedy(&self, host: &str) -> String {
        match self {
            Self::Reported { system, .. } | Self::Recorded { system, .. } => {
                let other = if system.processor() == Cpu::X86_64 { Cpu::Aarch64 } else { Cpu::X86_64 };
                format!("name a system for this processor: host-state arm {host} --distro {other}-linux-...")
            }
            Self::Changed { reported, .. } => {
                format!("if the machine was replaced by this one: host-state set {host} cpu={reported}")
            }
        }
    }
}

impl fmt::Display for CpuObjection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported { word, system } => {
                write!(f, "the machine reports the processor {word}, and {system} is not for it")
            }
            Self::Changed { reported, recorded } => {
                write!(f, "the machine reports the processor {reported}, but its record has {recorded}")
            }
            Self::Recorded { recorded, system } => {
                write!(f, "its record has the processor {recorded}, and {system} is not for it")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Line;

    #[test]
    fn a_system_is_for_the_processor_that_is_reported_and_recorded() {
        let firmware = |arch: &str| FirmwareInfo { arch: Some(Line::lossy(arch)), ..FirmwareInfo::default() };
        let (x86, arm): (Distro, Distro) =
            ("x86_64-linux-debian-12".parse().unwrap(), "aarch64-linux-rockylinux-10".parse().unwrap());
        let find = |system: &Distro, arch: &str, recorded| CpuObjection::find(system, &firmware(arch), recorded);
        for arch in ["i386", "x86_64"] {
            assert_eq!(find(&x86, arch, None), None);
            assert_eq!(find(&x86, arch, Some(Cpu::X86_64)), None);
            assert!(matches!(find(&arm, arch, None), Some(CpuObjection::Reported { .. })));
        }
        assert_eq!(find(&arm, "arm64", None), None);
        for arch in ["arm64", "arm32", "riscv64", "x86_64 "] {
            let objection = find(&x86, arch, None);
            assert_eq!(objection.is_none(), arch.trim() == "x86_64", "{arch}");
        }
        assert!(matches!(find(&arm, "arm64", Some(Cpu::X86_64)), Some(CpuObjection::Changed { .. })));
        let silent = FirmwareInfo::default();
        assert_eq!(CpuObjection::find(&x86, &silent, None), None);
        assert_eq!(CpuObjection::find(&arm, &silent, Some(Cpu::Aarch64)), None);
        let recorded = CpuObjection::find(&x86, &silent, Some(Cpu::Aarch64)).unwrap();
        assert!(matches!(recorded, CpuObjection::Recorded { .. }));
        assert!(recorded.remedy("sch-001").contains("sch-001 --distro aarch64-linux-"));
    }
}
