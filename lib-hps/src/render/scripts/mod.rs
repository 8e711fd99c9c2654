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

/// How long a message stays that a person should read.
const READ_SECONDS: u32 = 5;
/// How long a machine that boots its disk waits for a person who wants the menu, in milliseconds: every start pays it.
const MENU_KEY_MILLISECONDS: u32 = 3_000;
/// What iPXE knows of the machine. `:uristring` percent-encodes what the firmware reports; an empty value stays empty.
const FIRMWARE: &str = "uuid=${uuid}&serial=${serial:uristring}&product=${product:uristring}&arch=${buildarch:uristring}&platform=${platform:uristring}";

/// `cmd=init`: go on to `boot_action` with what iPXE knows of the machine.
pub fn init(cluster: &Cluster) -> String {
    let url = format!("{}?cmd=boot_action&mac=${{netX/mac:hexraw}}", cluster.boot_manager_url());
    Script::new()
        .label("ask")
        .chain_or(&format!("{url}&{FIRMWARE}"), "bare")
        // Firmware may report bytes that a web server refuses; this information is only for people.
        .label("bare")
        .chain_or(&url, "again")
        .label("again")
        .echo(&format!("HPS {}: no answer from the boot manager; asking again in 10 seconds", cluster.name))
        .sleep(10)
        .line("goto ask")
        .into_text()
}

/// A decision. `ticket` is placed on the kernel's command line of an installer, and needed for nothing else.
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
        "prompt --key m --timeout {MENU_KEY_MILLISECONDS} Press m for the menu (rescue, what is known of this host) && goto menu ||"
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

/// A rule or a window permits the machine: it asks for address and name, which moves its state, as `boot_action` must not.
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
        .echo("Nobody has permitted anything for this machine. On the provisioning node:")
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
        .echo_wrapped(&format!("The installation did not report its end (attempts: {attempts}), and nothing permits another attempt. Read host-state log {}, then arm the host again.", context.mac))
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

/// An error as a script, for machines of which nothing more is known: shown, then asked again. `ask_again` is the
/// address of `cmd=init` where a cluster is known.
pub fn error(problem: &str, ask_again: Option<&str>) -> String {
    let script = Script::new().echo_wrapped(&format!("HPS: {problem}")).sleep(WAIT_SECONDS);
    match ask_again {
        Some(url) => script.chain_or(url, "restart").label("restart").line("reboot").into_text(),
        None => script.line("reboot").into_text(),
    }
}

/// An error that keeps this node from knowing anything: shown, and then the machine boots its disk if it has one, because
/// a slip of the pen in a file of this node must not stop the machines of a site.
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

/// Goes to `failed` where the disk does not boot.
fn boot_disk(script: Script) -> Script {
    script
        .line("iseq ${platform} efi && goto efi ||")
        .line("sanboot --no-describe --drive 0x80 || goto failed")
        .label("efi")
        // The firmware goes on to the next entry of its boot order, which the installation made the disk's.
        .line("exit 1")
}

/// `menu_item=reboot`.
pub fn reboot(context: ScriptContext<'_>) -> String {
    context.titled().echo("Restarting").line("reboot").into_text()
}
