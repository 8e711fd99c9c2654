// SPDX-License-Identifier: GPL-3.0-or-later
//! The command that publishes a distribution on this node.

use crate::types::{Cpu, Distro, Method};

/// As an administrator types it: `build-image --distro x86_64-linux-debian-12`.
pub fn how_to_publish(distro: &Distro) -> String {
    match distro.method() {
        Method::Image => format!("build-image --distro {distro}"),
        Method::Kickstart => format!(
            "check-and-download-rocky --os {} --release {}{}",
            distro.osname(),
            distro.version(),
            if distro.processor() == Cpu::X86_64 { "" } else { " --cpu aarch64" }
        ),
    }
}
