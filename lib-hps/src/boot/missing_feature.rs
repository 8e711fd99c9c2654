// SPDX-License-Identifier: GPL-3.0-or-later
//! A feature that a machine needs for its new system and lacks. Its boot loader detects this before an installer would
//! fail.

use crate::types::text_enum;

text_enum! {
    /// One feature, by its name on the wire.
    MissingFeature, "what a machine lacks",

    /// Secure Boot is on, and the shim that started GRUB does not have the key of this system's kernel; nor has the one
    /// that DHCP offers.
    KernelKey = "kernel-key",
    /// Secure Boot is on, and the machine was started before DHCP offered it the shim of this system.
    OtherShim = "other-shim",
    /// The processor is below x86-64-v3 of the x86-64 psABI.
    X86_64V3 = "x86-64-v3",
}

impl MissingFeature {
    /// For people: what it is, and what to do.
    pub fn describe(self) -> &'static str {
        match self {
            Self::KernelKey => {
                "Secure Boot is on, and the shim that started this machine does not accept the kernel of this operating system; nothing was written: arm the host, run reload, which serves the shim of that system if its tree has one, then restart the machine; or switch Secure Boot off in the firmware"
            }
            Self::OtherShim => {
                "Secure Boot is on, and this machine was started before the last reload, by another shim than that of this operating system; nothing was written: arm the host again, then restart the machine"
            }
            Self::X86_64V3 => {
                "the processor of this machine is below x86-64-v3, which this operating system needs; nothing was written: choose another system for this host (host-state arm --distro), or another machine"
            }
        }
    }
}
