// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernels of Debian that a build can have, by the names of their packages.

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
    pub(super) fn package(self) -> &'static str {
        match self {
            Self::Generic => "linux-image-amd64",
            Self::Cloud => "linux-image-cloud-amd64",
        }
    }

    /// The package with what modules are built against.
    pub(super) fn headers(self) -> &'static str {
        match self {
            Self::Generic => "linux-headers-amd64",
            Self::Cloud => "linux-headers-cloud-amd64",
        }
    }

    /// The flavour of a kernel by the name of its package.
    pub fn from_package(name: &str) -> Self {
        if name.contains("-cloud-") { Self::Cloud } else { Self::Generic }
    }
}
