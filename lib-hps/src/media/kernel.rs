// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernels of Debian that a build can have, by the names of their packages.

use crate::types::Cpu;

/// Which kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// For every machine.
    Generic,
    /// For virtual machines: smaller, without drivers of real hardware.
    Cloud,
}

impl Kernel {
    /// The package of the kernel itself.
    pub(super) fn package(self, cpu: Cpu) -> String {
        format!("linux-image-{}", self.flavour(cpu))
    }

    /// The package with what modules are built against.
    pub(super) fn headers(self, cpu: Cpu) -> String {
        format!("linux-headers-{}", self.flavour(cpu))
    }

    fn flavour(self, cpu: Cpu) -> String {
        match self {
            Self::Generic => cpu.debian().to_owned(),
            Self::Cloud => format!("cloud-{}", cpu.debian()),
        }
    }

    /// The flavour of a kernel by the name of its package.
    pub fn from_package(name: &str) -> Self {
        if name.contains("-cloud-") { Self::Cloud } else { Self::Generic }
    }
}
