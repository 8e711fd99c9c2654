// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernel's command line of the new system.

use crate::config::Cluster;

/// What the boot loader of the new system gives to the kernel, besides its own arguments. The screen stays a console,
/// and the last serial console is the main one.
pub fn kernel_line(cluster: &Cluster, more: &[String]) -> String {
    let consoles = &cluster.boot.consoles;
    let screen = (!consoles.is_empty()).then(|| "console=tty0".to_owned());
    let consoles = consoles.iter().map(|console| format!("console={console}"));
    screen.into_iter().chain(consoles).chain(more.iter().cloned()).collect::<Vec<_>>().join(" ")
}
