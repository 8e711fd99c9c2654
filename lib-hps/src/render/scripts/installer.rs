// SPDX-License-Identifier: GPL-3.0-or-later
//! Scripts that start a kernel: an installer, or the node environment for rescue.

use super::script_context::{ScriptContext, WAIT_SECONDS};
use crate::boot::{Fetched, Install, MissingFeature, Source};
use crate::config::Cluster;
use crate::render::ipxe::Script;
use crate::types::{KernelLineError, Token, check_kernel_line};

/// Whether the kernel accepts the whole command line of an installer.
///
/// # Errors
/// See [`KernelLineError`].
pub fn check_installer(context: ScriptContext<'_>, install: &Install, ticket: &Token) -> Result<(), KernelLineError> {
    let line = match &install.source {
        Source::Image { .. } => node_arguments(context, ticket),
        Source::Tree { path } => tree_arguments(context, path.as_str(), ticket),
    };
    check_kernel_line("the installer", &line, KERNEL_FILE.len())
}

/// What iPXE puts before the arguments: the name of the kernel, and the name of its initrd.
const KERNEL_FILE: &str = "vmlinuz initrd=initrd.img ";

/// Kernel and initrd of an installer, with its ticket. [`check_installer`] has checked the length of the line.
pub(super) fn installer(context: ScriptContext<'_>, install: &Install, ticket: &Token) -> String {
    let permission = &install.permission;
    let what = permission
        .profile
        .map_or_else(|| permission.host_type.to_string(), |p| format!("{} {p}", permission.host_type));
    let script = context
        .titled()
        .echo(&format!("Installing {what} with {}", permission.distro))
        .echo(&format!("This is {}", install.describe_attempt()))
        .echo(&format!("Permission of {}: {}", permission.given_by, permission.reason))
        .line("imgfree");
    let script = match &install.source {
        Source::Image { kernel, initrd, .. } => {
            node_lines(context, script, kernel, initrd, &node_arguments(context, ticket))
        }
        Source::Tree { path } => tree_lines(context, script, path.as_str(), permission.distro.major(), ticket),
    };
    script
        .line("boot || goto failed")
        .label("failed")
        .echo("The installer could not be fetched or started; see the line above. Asking again.")
        .sleep(WAIT_SECONDS)
        .chain(&context.ask_again())
        .into_text()
}

/// `menu_item=rescue`: the node environment with a shell. It gets no secret and writes nothing.
pub fn rescue(context: ScriptContext<'_>, kernel: &Fetched, initrd: &Fetched) -> String {
    let script = context.titled().echo("Rescue: a shell; nothing is mounted or written").line("imgfree");
    node_lines(context, script, kernel, initrd, &format!("hps.mode=rescue {}", place_arguments(context)))
        .line("boot || goto failed")
        .label("failed")
        .echo("The rescue system could not be fetched or started; see the line above. Asking again.")
        .sleep(WAIT_SECONDS)
        .chain(&context.ask_again())
        .into_text()
}

fn node_lines(
    context: ScriptContext<'_>,
    script: Script,
    kernel: &Fetched,
    initrd: &Fetched,
    arguments: &str,
) -> Script {
    let base = format!("{}/distros", context.cluster.base_url());
    script
        .line(format_args!("kernel {base}/{} initrd=initrd.img {arguments} || goto failed", kernel.path))
        .line(format_args!("initrd --name initrd.img {base}/{} || goto failed", initrd.path))
}

/// The command line of an installer's kernel.
fn node_arguments(context: ScriptContext<'_>, ticket: &Token) -> String {
    format!("hps.mode=install hps.ticket={ticket} {}", place_arguments(context))
}

/// What the node environment needs to reach this node and to be seen.
fn place_arguments(context: ScriptContext<'_>) -> String {
    let mut arguments = format!("hps.url={} hps.mac={}", context.cluster.boot_manager_url(), context.mac);
    if let Some(address) = context.host.and_then(|h| h.address) {
        arguments.push_str(&format!(" hps.ip={address}/{}", context.cluster.network.address.prefix_len()));
    }
    if let Some(gateway) = context.cluster.network.gateway {
        arguments.push_str(&format!(" hps.gateway={gateway}"));
    }
    arguments.push_str(&console_arguments(context.cluster));
    arguments
}

fn console_arguments(cluster: &Cluster) -> String {
    let serial = cluster.boot.consoles.iter().map(|c| format!(" console={c}"));
    std::iter::once(" console=tty0".to_owned()).chain(serial).collect()
}

fn tree_url(context: ScriptContext<'_>, path: &str) -> String {
    format!("{}/distros/{path}", context.cluster.base_url())
}

fn tree_arguments(context: ScriptContext<'_>, path: &str, ticket: &Token) -> String {
    let tree = tree_url(context, path);
    let answer = format!("{}?cmd=answer&mac={}&ticket={ticket}", context.cluster.boot_manager_url(), context.mac);
    format!(
        "inst.repo={tree} inst.ks={answer} BOOTIF=01-{} ip=dhcp rd.neednet=1 inst.cmdline inst.nosave=all{}",
        context.mac.dashes(),
        console_arguments(context.cluster)
    )
}

fn tree_lines(context: ScriptContext<'_>, script: Script, path: &str, major: u32, ticket: &Token) -> Script {
    let tree = tree_url(context, path);
    let script = if major >= 10 { v3_lines(script) } else { script };
    let script = script
        .line(format_args!(
            "kernel {tree}/images/pxeboot/vmlinuz initrd=initrd.img {} || goto failed",
            tree_arguments(context, path, ticket)
        ))
        .line(format_args!("initrd --name initrd.img {tree}/images/pxeboot/initrd.img || goto failed"))
        .line("goto go");
    let script = if major >= 10 {
        let unsupported =
            format!("{}?cmd=unsupported&mac={}&ticket={ticket}", context.cluster.boot_manager_url(), context.mac);
        script
            .label("too_old")
            .chain_or(&format!("{unsupported}&missing={}", MissingFeature::X86_64V3), "unheard")
            .label("unheard")
            .echo_wrapped(MissingFeature::X86_64V3.describe())
            .sleep(WAIT_SECONDS)
            .chain(&context.ask_again())
    } else {
        script
    };
    script.label("go")
}

/// From release 10 on the programs need x86-64-v3, and on an older machine the installer stops without a message. So
/// iPXE checks FMA, MOVBE, XSAVE, AVX, F16C and LZCNT. It does not see AVX2, BMI1 and BMI2 (leaf 7), but no processor
/// has MOVBE and FMA without them. The kickstart checks all of them again.
fn v3_lines(script: Script) -> Script {
    ["--ecx 12", "--ecx 22", "--ecx 26", "--ecx 28", "--ecx 29", "--ext --ecx 5"]
        .into_iter()
        .fold(script, |script, bit| script.line(format_args!("cpuid {bit} || goto too_old")))
}

/// The machine lacks a feature, as its iPXE reported. The host is FAILED now, and the screen shows the reason.
pub fn unsupported(context: ScriptContext<'_>, feature: MissingFeature) -> String {
    context
        .titled()
        .echo_wrapped(&format!("The installation FAILED: {}", feature.describe()))
        .sleep(WAIT_SECONDS)
        .chain(&context.ask_again())
        .into_text()
}
