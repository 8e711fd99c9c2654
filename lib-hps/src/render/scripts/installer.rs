// SPDX-License-Identifier: GPL-3.0-or-later
//! Scripts that start a kernel: an installer, or the node environment for rescue.

use super::{Scene, WAIT_SECONDS};
use crate::boot::{Fetched, Install, Source};
use crate::config::Cluster;
use crate::render::ipxe::Script;
use crate::types::Token;

/// Kernel and initrd of an installer, with its ticket.
pub(super) fn installer(scene: Scene<'_>, install: &Install, ticket: &Token) -> String {
    let permission = &install.permission;
    let what = permission
        .profile
        .map_or_else(|| permission.host_type.to_string(), |p| format!("{} {p}", permission.host_type));
    let script = scene
        .titled()
        .echo(&format!("Installing {what} with {}", permission.distro))
        .echo(&format!("This is {}", install.attempt_in_words()))
        .echo(&format!("Permission of {}: {}", permission.given_by, permission.reason))
        .line("imgfree");
    let script = match &install.source {
        Source::Image { kernel, initrd, .. } => {
            node_lines(scene, script, kernel, initrd, &node_arguments(scene, ticket))
        }
        Source::Tree { path } => tree_lines(scene, script, path.as_str(), permission.distro.major(), ticket),
    };
    script
        .line("boot || goto failed")
        .label("failed")
        .echo("The installer could not be fetched or started; see the line above. Asking again.")
        .sleep(WAIT_SECONDS)
        .chain(&scene.ask_again())
        .into_text()
}

/// `menu_item=rescue`: the node environment with a shell. It is given no secret and writes nothing.
pub fn rescue(scene: Scene<'_>, kernel: &Fetched, initrd: &Fetched) -> String {
    let script = scene.titled().echo("Rescue: a shell; nothing is mounted or written").line("imgfree");
    node_lines(scene, script, kernel, initrd, &format!("hps.mode=rescue {}", place_arguments(scene)))
        .line("boot || goto failed")
        .label("failed")
        .echo("The rescue system could not be fetched or started; see the line above. Asking again.")
        .sleep(WAIT_SECONDS)
        .chain(&scene.ask_again())
        .into_text()
}

fn node_lines(scene: Scene<'_>, script: Script, kernel: &Fetched, initrd: &Fetched, arguments: &str) -> Script {
    let base = format!("{}/distros", scene.cluster.base_url());
    script
        .line(format_args!("kernel {base}/{} initrd=initrd.img {arguments} || goto failed", kernel.path))
        .line(format_args!("initrd --name initrd.img {base}/{} || goto failed", initrd.path))
}

/// The command line of an installer's kernel.
fn node_arguments(scene: Scene<'_>, ticket: &Token) -> String {
    format!("hps.mode=install hps.ticket={ticket} {}", place_arguments(scene))
}

/// What the node environment needs to reach this node, and to be seen.
fn place_arguments(scene: Scene<'_>) -> String {
    let mut arguments = format!("hps.url={} hps.mac={}", scene.cluster.boot_manager_url(), scene.mac);
    if let Some(address) = scene.host.and_then(|h| h.address) {
        arguments.push_str(&format!(" hps.ip={address}/{}", scene.cluster.network.address.prefix_len()));
    }
    if let Some(gateway) = scene.cluster.network.gateway {
        arguments.push_str(&format!(" hps.gateway={gateway}"));
    }
    arguments.push_str(&console_arguments(scene.cluster));
    arguments
}

fn console_arguments(cluster: &Cluster) -> String {
    let serial = cluster.boot.consoles.iter().map(|c| format!(" console={c}"));
    std::iter::once(" console=tty0".to_owned()).chain(serial).collect()
}

fn tree_lines(scene: Scene<'_>, script: Script, path: &str, major: u32, ticket: &Token) -> Script {
    let tree = format!("{}/distros/{path}", scene.cluster.base_url());
    let answer = format!("{}?cmd=answer&mac={}&ticket={ticket}", scene.cluster.boot_manager_url(), scene.mac);
    // From 10 on the programs need x86-64-v3 and an older machine dies without a word. iPXE sees leaf 1 of cpuid
    // only; FMA (ecx bit 12) and MOVBE (bit 22) together are in every v3 processor and in no older one.
    let script = if major >= 10 {
        script.line("cpuid --ecx 12 || goto too_old").line("cpuid --ecx 22 || goto too_old")
    } else {
        script
    };
    script
        .line(format_args!(
            "kernel {tree}/images/pxeboot/vmlinuz initrd=initrd.img inst.repo={tree} inst.ks={answer} BOOTIF=01-{} ip=dhcp rd.neednet=1 inst.cmdline{} || goto failed",
            scene.mac.dashes(),
            console_arguments(scene.cluster)
        ))
        .line(format_args!("initrd --name initrd.img {tree}/images/pxeboot/initrd.img || goto failed"))
        .line("goto go")
        .label("too_old")
        .echo_wrapped("This processor is older than x86-64-v3, which this operating system needs: it would die without a word. Choose another system for this host (host-state arm --distro), or another machine.")
        .sleep(300)
        .line("reboot")
        .label("go")
}
