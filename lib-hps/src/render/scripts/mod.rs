// SPDX-License-Identifier: GPL-3.0-or-later
//! A decision as an iPXE script.

mod installer;
mod menu;
mod pages;
mod script_context;
#[cfg(test)]
mod tests;

pub use installer::{check_installer, rescue, unsupported};
pub use pages::{drh_hosts, message, show_cluster, show_host, show_ipxe, show_paths};
pub use script_context::ScriptContext;

use super::ipxe::Script;
use crate::boot::{Decision, MenuItem};
use crate::config::Cluster;
use crate::types::{Line, Token};
use script_context::WAIT_SECONDS;

/// How long a message for a person stays on the screen.
const READ_SECONDS: u32 = 5;
/// How long a machine that boots its disk waits for the key of the menu, in milliseconds. Every boot costs this time.
const MENU_KEY_MILLISECONDS: u32 = 3_000;
/// What iPXE reports about the machine. `:uristring` percent-encodes what the firmware reports; an empty value stays
/// empty.
const FIRMWARE: &str = "uuid=${uuid}&serial=${serial:uristring}&product=${product:uristring}&arch=${buildarch:uristring}&platform=${platform:uristring}";

/// `cmd=init`: continue with `boot_action` and the firmware information.
pub fn init(cluster: &Cluster) -> String {
    let url = format!("{}?cmd=boot_action&mac=${{netX/mac:hexraw}}", cluster.boot_manager_url());
    Script::new()
        .label("ask")
        .chain_or(&format!("{url}&{FIRMWARE}"), "bare")
        // Firmware may report bytes that a web server refuses. This information is only for people, so it is left out
        // then.
        .label("bare")
        .chain_or(&url, "again")
        .label("again")
        .echo(&format!("HPS {}: no answer from the boot manager; asking again in 10 seconds", cluster.name))
        .sleep(10)
        .line("goto ask")
        .into_text()
}

/// A decision. Only an installer needs `ticket`: it goes on the command line of the kernel.
pub fn decision(context: ScriptContext<'_>, decision: &Decision, ticket: Option<&Token>) -> String {
    match decision {
        Decision::Install(install) => match ticket {
            Some(ticket) => match check_installer(context, install, ticket) {
                Ok(()) => installer::installer(context, install, ticket),
                Err(problem) => stop(context, &Line::lossy(&problem.to_string())),
            },
            None => stop(context, &Line::lossy("No ticket was made for this installation.")),
        },
        Decision::Enrol(by) => enrol(context, by),
        Decision::LocalBoot(notice) => local_boot(context, notice.as_ref()),
        Decision::Menu(page, notice) => menu::menu(context, *page, notice.as_ref()),
        Decision::Wait => wait(context),
        Decision::GiveUp { attempts } => give_up(context, *attempts),
        Decision::Stop(problem) => stop(context, problem),
    }
}

fn local_boot(context: ScriptContext<'_>, notice: Option<&Line>) -> String {
    let mut script = context.titled();
    if let Some(notice) = notice {
        script = script.echo_wrapped(notice.as_str()).sleep(READ_SECONDS);
    }
    script = script.echo("Booting from the local disk").line(format_args!(
        "prompt --key m --timeout {MENU_KEY_MILLISECONDS} Press m for the menu (rescue, record of this host) && goto menu ||"
    ));
    boot_disk(script)
        .label("menu")
        .chain_or(&context.item(MenuItem::Init), "failed")
        .label("failed")
        .echo("The local disk does not boot, or the menu could not be fetched. Asking again.")
        .sleep(WAIT_SECONDS)
        .chain(&context.ask_again())
        .into_text()
}

/// A rule or a window permits the machine. It requests address and name, which changes its state; `boot_action` must
/// not do that.
fn enrol(context: ScriptContext<'_>, by: &Line) -> String {
    context
        .titled()
        .echo_wrapped(&format!("The installation of this machine is permitted by {by}"))
        .chain_or(&format!("{}&{FIRMWARE}", context.item(MenuItem::Enrol)), "again")
        .label("again")
        .sleep(WAIT_SECONDS)
        .chain(&context.ask_again())
        .into_text()
}

fn wait(context: ScriptContext<'_>) -> String {
    context
        .titled()
        .echo("This machine has no permission to install. On the provisioning node run:")
        .echo(&format!("    host-state arm {} --type SCH", context.mac.colons()))
        .line(format_args!(
            "prompt --key m --timeout {} Asking again in {WAIT_SECONDS} seconds; press m for the menu && goto menu ||",
            WAIT_SECONDS * 1000
        ))
        .chain(&context.ask_again())
        .label("menu")
        .chain(&context.item(MenuItem::Init))
        .into_text()
}

fn give_up(context: ScriptContext<'_>, attempts: u32) -> String {
    context
        .titled()
        .echo_wrapped(&format!("The installation did not report its end (attempts: {attempts}), and no further attempt is permitted. Find the cause, then arm the host again:"))
        .echo(&format!("    host-state log {}", context.mac))
        .echo(&format!("    host-state arm {}", context.mac))
        .sleep(READ_SECONDS)
        .chain_or(&context.item(MenuItem::GaveUp), "again")
        .label("again")
        .sleep(WAIT_SECONDS)
        .chain(&context.ask_again())
        .into_text()
}

fn stop(context: ScriptContext<'_>, problem: &Line) -> String {
    context
        .titled()
        .echo_wrapped(problem.as_str())
        .echo(&format!("Asking again in {WAIT_SECONDS} seconds"))
        .sleep(WAIT_SECONDS)
        .chain(&context.ask_again())
        .into_text()
}

/// An error as a script for a machine about which nothing else is known: the machine shows it, then asks again.
/// `ask_again` is the address of `cmd=init`, if a cluster is known.
pub fn error(problem: &str, ask_again: Option<&str>) -> String {
    let script = Script::new().echo_wrapped(&format!("HPS: {problem}")).sleep(WAIT_SECONDS);
    match ask_again {
        Some(url) => script.chain_or(url, "restart").label("restart").line("reboot").into_text(),
        None => script.line("reboot").into_text(),
    }
}

/// An error that affects the whole node: the machine shows it, then boots its disk if it has one. A typing error in a
/// file of this node must not stop the machines of a site.
pub fn stranded(problem: &str) -> String {
    let script =
        Script::new().echo_wrapped(&format!("HPS: {problem}")).echo("Booting from the local disk").sleep(READ_SECONDS);
    boot_disk(script)
        .label("failed")
        .echo("The local disk does not boot. Starting again.")
        .sleep(WAIT_SECONDS)
        .line("reboot")
        .into_text()
}

/// Goes to `failed` if the disk does not boot.
fn boot_disk(script: Script) -> Script {
    script
        .line("iseq ${platform} efi && goto efi ||")
        .line("sanboot --no-describe --drive 0x80 || goto failed")
        .label("efi")
        // The firmware continues with the next entry of its boot order. The installation made that entry the disk.
        .line("exit 1")
}

/// `menu_item=reboot`.
pub fn reboot(context: ScriptContext<'_>) -> String {
    context.titled().echo("Restarting").line("reboot").into_text()
}
