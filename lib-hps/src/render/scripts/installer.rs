// SPDX-License-Identifier: GPL-3.0-or-later
//! Pages that start a kernel: an installer, or the node environment for rescue.

use super::script_context::ScriptContext;
use crate::boot::{Erase, Fetched, Install, MenuItem, MissingFeature, Source, Task};
use crate::config::Cluster;
use crate::render::page::{Address, After, Page, ProcessorCheck, Start, Then};
use crate::types::{KernelLineError, Loader, Token, check_kernel_line};

const TASK_NEEDS_DEBIAN: &str = "Secure Boot is on, and the shim that started this machine does not accept the kernel of the node environment, which is Debian's: its task is not possible. Going on without it.";
const RESCUE_NEEDS_DEBIAN: &str = "Secure Boot is on, and the shim that started this machine does not accept the kernel of the rescue system, which is Debian's: switch Secure Boot off in the firmware for the rescue";
const NODE_NEEDS_DEBIAN: &str = "Secure Boot is on, and the shim that started this machine does not accept the kernel of the node environment, which is Debian's: switch Secure Boot off in the firmware until the disks are erased";

/// Whether the kernel accepts the whole command line of an installer.
///
/// # Errors
/// See [`KernelLineError`].
pub fn check_installer(context: ScriptContext<'_>, install: &Install, ticket: &Token) -> Result<(), KernelLineError> {
    let start = start(context, install, ticket);
    check_line(context, "the installer", &start)
}

fn check_line(context: ScriptContext<'_>, what: &'static str, start: &Start) -> Result<(), KernelLineError> {
    let more = match context.loader {
        // The name of the kernel, and the name of its initrd.
        Loader::Ipxe => "vmlinuz initrd=initrd.img ".len(),
        Loader::Grub => format!("BOOT_IMAGE=(http,{}){} ", start.kernel.server(), start.kernel.path()).len(),
    };
    check_kernel_line(what, &start.arguments, more)
}

/// Kernel and initrd of an installer, with its ticket. [`check_installer`] has checked the length of the line.
pub(super) fn installer(context: ScriptContext<'_>, install: &Install, ticket: &Token) -> Page {
    let permission = &install.permission;
    let what = permission
        .profile
        .map_or_else(|| permission.host_type.to_string(), |p| format!("{} {p}", permission.host_type));
    context
        .titled(Then::Start(start(context, install, ticket)))
        .line(format!("Installing {what} with {}", permission.distro))
        .line(format!("This is {}", install.describe_attempt()))
        .line(format!("Permission of {}", permission.giver_and_reason()))
}

fn start(context: ScriptContext<'_>, install: &Install, ticket: &Token) -> Start {
    let failed = "The installer could not be fetched or started; see the line above. Asking again.";
    let system = &install.permission.distro;
    let report = |missing: MissingFeature| {
        (Address::unsupported(context.cluster, context.mac, ticket, missing), missing.describe())
    };
    let foreign = context.shims.objection(system).map(report);
    match &install.source {
        Source::Image { kernel, initrd, .. } => {
            let arguments = format!("hps.mode=install hps.ticket={ticket} {}", place_arguments(context));
            Start { foreign, ..node(context, kernel, initrd, arguments, failed) }
        }
        Source::Tree { path } => {
            let file = |name| Address::file(context.cluster, &format!("{path}/images/pxeboot/{name}"));
            let (report_of_processor, text) = report(MissingFeature::X86_64V3);
            let check = ProcessorCheck { report: report_of_processor, text };
            Start {
                kernel: file("vmlinuz"),
                initrd: file("initrd.img"),
                arguments: tree_arguments(context, path.as_str(), ticket),
                check: system.needs_x86_64_v3().then_some(check),
                foreign,
                failed,
                again: context.ask_again(),
            }
        }
    }
}

/// `menu_item=rescue`: the node environment with a shell. It gets no secret and writes nothing.
pub fn rescue(context: ScriptContext<'_>, kernel: &Fetched, initrd: &Fetched) -> String {
    let failed = "The rescue system could not be fetched or started; see the line above. Asking again.";
    let arguments = format!("hps.mode=rescue {}", place_arguments(context));
    // Nothing is installed, so there is nothing to report.
    let foreign = context.shims.started.map(|_| (context.ask_again(), RESCUE_NEEDS_DEBIAN));
    let start = Start { foreign, ..node(context, kernel, initrd, arguments, failed) };
    context.write(&context.titled(Then::Start(start)).line("Rescue: a shell; nothing is mounted or written"))
}

/// The node environment for a task. It gets a ticket, which begins the task.
pub(super) fn task(context: ScriptContext<'_>, task: &Task, ticket: &Token) -> Page {
    let failed = "The node environment could not be fetched or started; see the line above. Asking again.";
    let arguments = format!("hps.mode=task hps.ticket={ticket} {}", place_arguments(context));
    let foreign = context.shims.started.map(|_| (context.item(MenuItem::NoTask), TASK_NEEDS_DEBIAN));
    let start = Start { foreign, ..node(context, &task.kernel, &task.initrd, arguments, failed) };
    context
        .titled(Then::Start(start))
        .line(format!("Task {}", task.request.task.kind()))
        .line(format!("The node environment {}", task.request.task.describe()))
        .line(format!("Asked for by {}", task.request.asked_by))
}

/// The node environment that erases disks, with its ticket. [`check_erase`] has checked the length of the line.
pub(super) fn erase(context: ScriptContext<'_>, erase: &Erase, ticket: &Token) -> Page {
    let permission = &erase.permission;
    let reason = if permission.reason.as_str().is_empty() { String::new() } else { format!(": {}", permission.reason) };
    context
        .titled(Then::Start(start_erase(context, erase, ticket)))
        .paragraph(format!("ERASING the disks with these serials: {}", permission.serials()))
        .line(format!("Attempt {} of {}", erase.attempt, erase.most))
        .line(format!("Permission of {}{reason}", permission.given_by))
}

/// Whether the kernel accepts the whole command line of an erase.
///
/// # Errors
/// See [`KernelLineError`].
pub fn check_erase(context: ScriptContext<'_>, erase: &Erase, ticket: &Token) -> Result<(), KernelLineError> {
    let start = start_erase(context, erase, ticket);
    check_line(context, "the erase", &start)
}

fn start_erase(context: ScriptContext<'_>, erase: &Erase, ticket: &Token) -> Start {
    let failed = "The node environment could not be fetched or started; see the line above. Asking again.";
    let arguments = format!("hps.mode=erase hps.ticket={ticket} {}", place_arguments(context));
    let foreign = context.shims.started.map(|_| (context.ask_again(), NODE_NEEDS_DEBIAN));
    Start { foreign, ..node(context, &erase.kernel, &erase.initrd, arguments, failed) }
}

fn node(
    context: ScriptContext<'_>,
    kernel: &Fetched,
    initrd: &Fetched,
    arguments: String,
    failed: &'static str,
) -> Start {
    let [kernel, initrd] = [kernel, initrd].map(|file| Address::file(context.cluster, &file.path));
    Start { kernel, initrd, arguments, check: None, foreign: None, failed, again: context.ask_again() }
}

/// What the node environment needs to reach this node and to be seen.
fn place_arguments(context: ScriptContext<'_>) -> String {
    let mut arguments = format!("hps.url={} hps.mac={}", context.cluster.boot_manager_url(), context.mac);
    let address = context.host.and_then(|h| h.address);
    let place = context.cluster.placement_of_host(address);
    if let Some(address) = address {
        arguments.push_str(&format!(" hps.ip={address}/{}", place.network().prefix_len()));
    }
    if let Some(gateway) = place.gateway() {
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

/// The machine lacks a feature, as its boot loader reported. The host is FAILED now, and the screen shows the reason.
pub fn unsupported(context: ScriptContext<'_>, feature: MissingFeature) -> String {
    let page = context
        .titled(Then::After(After::Ask(context.ask_again())))
        .paragraph(format!("The installation FAILED: {}", feature.describe()));
    context.write(&page)
}
