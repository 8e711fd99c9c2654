// SPDX-License-Identifier: GPL-3.0-or-later
//! The processors that HPS installs systems for.

use super::text_enum;

text_enum! {
    /// A processor, as the name of a system begins with it.
    Cpu, "processor",

    /// Also called amd64.
    X86_64 = "x86_64",
    /// Also called arm64.
    Aarch64 = "aarch64",
}

impl Cpu {
    /// The name of its architecture in Debian.
    pub const fn debian(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Aarch64 => "arm64",
        }
    }

    /// From what iPXE reports as `${buildarch}`; `None` for an unknown word. iPXE for BIOS is a program of 32 bits on
    /// any PC, so `i386` says nothing against x86-64.
    pub fn from_ipxe(buildarch: &str) -> Option<Self> {
        match buildarch {
            "i386" | "x86_64" => Some(Self::X86_64),
            "arm64" => Some(Self::Aarch64),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_ipxe() {
        for (word, cpu) in [
            ("i386", Some(Cpu::X86_64)),
            ("x86_64", Some(Cpu::X86_64)),
            ("arm64", Some(Cpu::Aarch64)),
            ("arm32", None),
            ("riscv64", None),
            ("", None),
        ] {
            assert_eq!(Cpu::from_ipxe(word), cpu, "{word}");
        }
    }
}
