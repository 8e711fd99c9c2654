// SPDX-License-Identifier: GPL-3.0-or-later
//! The distro string, which names a tree under distros/: `<cpu>-<mfr>-<osname>-<osver>`.

use super::{Cpu, Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// How an operating system is put on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Anaconda, from a published tree and a kickstart.
    Kickstart,
    /// The node environment, from an image.
    Image,
}

/// The known releases of Debian: the version, and the code name, which its archives use.
const RELEASES: [(&str, &str); 2] = [("12", "bookworm"), ("13", "trixie")];

/// A distro string such as `x86_64-linux-rockylinux-10.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Distro {
    text: String,
    osname_at: usize,
    version_at: usize,
}

const RULE: &str = "expected <cpu>-<mfr>-<osname>-<osver>, such as x86_64-linux-debian-12, with osname rockylinux, almalinux or debian";

impl Distro {
    /// The whole string.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `x86_64` or `aarch64`.
    pub fn cpu(&self) -> &str {
        self.text.split('-').next().unwrap_or_default()
    }

    /// The same as a type.
    pub fn processor(&self) -> Cpu {
        if self.cpu() == Cpu::Aarch64.as_str() { Cpu::Aarch64 } else { Cpu::X86_64 }
    }

    /// Whether its programs need an x86-64 processor of level 3: those of release 10 of the kickstart systems.
    pub fn needs_x86_64_v3(&self) -> bool {
        self.processor() == Cpu::X86_64 && self.method() == Method::Kickstart && self.major() >= 10
    }

    /// The line of a release: `x86_64-linux-rockylinux-10` of `x86_64-linux-rockylinux-10.1`. The line of a line is
    /// itself.
    pub fn line(&self) -> Self {
        let end = self.version().find('.').map_or(self.text.len(), |dot| self.version_at + dot);
        Self { text: self.text.chars().take(end).collect(), ..*self }
    }

    /// The line of releases whose installation tree has the shim that accepts its kernel; `None` if that is Debian's.
    /// GRUB for arm64 of these trees cannot start the loader of a disk (it is built without `chain`), so it is not used.
    pub fn shim_line(&self) -> Option<Self> {
        (self.method() == Method::Kickstart && self.processor() == Cpu::X86_64).then(|| self.line())
    }

    /// `rockylinux`, `almalinux` or `debian`.
    pub fn osname(&self) -> &str {
        self.text.get(self.osname_at..self.version_at.saturating_sub(1)).unwrap_or_default()
    }

    /// `10.0`.
    pub fn version(&self) -> &str {
        self.text.get(self.version_at..).unwrap_or_default()
    }

    /// The major number of the version.
    pub fn major(&self) -> u32 {
        self.version().split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default()
    }

    /// The code name of a release of Debian; `None` for an unknown one, or for another system.
    pub fn codename(&self) -> Option<&'static str> {
        let release = RELEASES.iter().find(|(version, _)| self.osname() == "debian" && *version == self.version());
        release.map(|(_, codename)| *codename)
    }

    /// The code names of all known releases of Debian.
    pub fn codenames() -> [&'static str; 2] {
        RELEASES.map(|(_, codename)| codename)
    }

    /// Debian by image, the others by kickstart.
    pub fn method(&self) -> Method {
        if self.osname() == "debian" { Method::Image } else { Method::Kickstart }
    }
}

impl FromStr for Distro {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("distro string", text, RULE);
        let mut parts = text.splitn(4, '-');
        let (Some(cpu), Some(mfr), Some(osname), Some(version)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        let number = |n: &str| !n.is_empty() && n.len() <= 4 && n.bytes().all(|b| b.is_ascii_digit());
        let good = matches!(cpu, "x86_64" | "aarch64")
            && mfr == "linux"
            && matches!(osname, "rockylinux" | "almalinux" | "debian")
            && version.split('.').count() <= 2
            && version.split('.').all(number);
        if !good {
            return Err(invalid());
        }
        let osname_at = cpu.len() + mfr.len() + 2;
        let version_at = osname_at + osname.len() + 1;
        Ok(Self { text: text.to_owned(), osname_at, version_at })
    }
}

impl fmt::Display for Distro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

serde_as_text!(Distro);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_method() {
        let rocky: Distro = "x86_64-linux-rockylinux-10.1".parse().unwrap();
        assert_eq!((rocky.osname(), rocky.version(), rocky.major()), ("rockylinux", "10.1", 10));
        assert_eq!(rocky.method(), Method::Kickstart);
        assert_eq!((rocky.cpu(), rocky.line().as_str()), ("x86_64", "x86_64-linux-rockylinux-10"));
        assert_eq!((rocky.line().line(), rocky.line().version()), (rocky.line(), "10"));
        assert!(rocky.needs_x86_64_v3() && rocky.processor() == Cpu::X86_64);
        let arm: Distro = "aarch64-linux-rockylinux-10.1".parse().unwrap();
        assert!(!arm.needs_x86_64_v3() && arm.processor() == Cpu::Aarch64);
        let debian: Distro = "x86_64-linux-debian-12".parse().unwrap();
        assert_eq!((debian.osname(), debian.version(), debian.method()), ("debian", "12", Method::Image));
        let codename = |text: &str| text.parse::<Distro>().unwrap().codename();
        assert_eq!((debian.codename(), codename("x86_64-linux-debian-13")), (Some("bookworm"), Some("trixie")));
        for other in ["x86_64-linux-debian-11", "x86_64-linux-debian-12.1", "x86_64-linux-rockylinux-12"] {
            assert_eq!(codename(other), None, "{other}");
        }
        for bad in [
            "",
            "x86_64-linux-debian",
            "x86_64-linux-debian-12/..",
            "x86_64-linux-debian-1.2.3",
            "a-b-c-d",
            "x86_64-linux-debian-",
        ] {
            assert!(bad.parse::<Distro>().is_err(), "{bad:?}");
        }
    }
}
