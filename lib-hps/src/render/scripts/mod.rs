// SPDX-License-Identifier: GPL-3.0-or-later
//! A decision as a page, and the page as a script of the machine's boot loader.

mod grub;
mod installer;
mod ipxe;
mod menu;
mod pages;
mod script_context;
#[cfg(test)]
mod tests;

pub use installer::{check_installer, rescue, unsupported};
pub use pages::{drh_hosts, message, show_cluster, show_host, show_ipxe, show_paths};
pub use script_context::ScriptContext;

use crate::boot::{Decision, MenuItem};
use crate::config::Cluster;
use crate::render::page::{Address, After, LocalDisk, Page, Then};
use crate::types::{Line, Loader, Token};
use script_context::write;

/// How long a message for a person stays on the screen.
const READ_SECONDS: u32 = 5;

/// `cmd=init`: continue with `boot_action` and the firmware information.
pub fn init(cluster: &Cluster, loader: Loader) -> String {
    let address = Address::init(cluster);
    match loader {
        Loader::Ipxe => ipxe::init(&address, cluster.name.as_str()),
        Loader::Grub => grub::init(&address),
    }
}

/// The first file that GRUB reads: it asks `cmd=init` until there is an answer, and follows the pages.
pub fn grub_start(cluster: &Cluster) -> String {
    grub::start(&Address::init(cluster), cluster.name.as_str())
}

/// A decision. Only an installer needs `ticket`: it goes on the command line of the kernel.
pub fn decision(context: ScriptContext<'_>, decision: &Decision, ticket: Option<&Token>) -> String {
    context.write(&page(context, decision, ticket))
}

fn page(context: ScriptContext<'_>, decision: &Decision, ticket: Option<&Token>) -> Page {
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

fn local_boot(context: ScriptContext<'_>, notice: Option<&Line>) -> Page {
    let page = context.titled(Then::LocalDisk(LocalDisk {
        menu: Some(context.item(MenuItem::Init)),
        failed: "The local disk does not boot, or the menu could not be fetched. Asking again.",
        after: After::Ask(context.ask_again()),
    }));
    let page = match notice {
        Some(notice) => page.paragraph(notice.as_str()).pause(READ_SECONDS),
        None => page,
    };
    page.line("Booting from the local disk")
}

/// A rule or a window permits the machine. It requests address and name, which changes its state; `boot_action` must
/// not do that.
fn enrol(context: ScriptContext<'_>, by: &Line) -> Page {
    context
        .titled(Then::Request(context.item(MenuItem::Enrol), context.ask_again()))
        .paragraph(format!("The installation of this machine is permitted by {by}"))
}

fn wait(context: ScriptContext<'_>) -> Page {
    context
        .titled(Then::Wait(After::SECONDS, context.item(MenuItem::Init), context.ask_again()))
        .line("This machine has no permission to install. On the provisioning node run:")
        .line(format!("    host-state arm {} --type SCH", context.mac.colons()))
}

fn give_up(context: ScriptContext<'_>, attempts: u32) -> Page {
    context
        .titled(Then::Request(context.item(MenuItem::GaveUp), context.ask_again()))
        .paragraph(format!("The installation did not report its end (attempts: {attempts}), and no further attempt is permitted. Find the cause, then arm the host again:"))
        .line(format!("    host-state log {}", context.mac))
        .line(format!("    host-state arm {}", context.mac))
        .pause(READ_SECONDS)
}

fn stop(context: ScriptContext<'_>, problem: &Line) -> Page {
    context
        .titled(Then::After(After::Ask(context.ask_again())))
        .paragraph(problem.as_str())
        .line(format!("Asking again in {} seconds", After::SECONDS))
}

/// An error as a script for a machine about which nothing else is known: the machine shows it, then asks again.
/// `ask_again` is the address of `cmd=init`, if a cluster is known.
pub fn error(problem: &str, ask_again: Option<Address>, loader: Loader) -> String {
    let after = ask_again.map_or(After::Reboot, After::AskOrReboot);
    write(&Page::new(Then::After(after)).paragraph(format!("HPS: {problem}")), loader)
}

/// An error that affects the whole node: the machine shows it, then boots its disk if it has one. A typing error in a
/// file of this node must not stop the machines of a site.
pub fn stranded(problem: &str, loader: Loader) -> String {
    let page = Page::new(Then::LocalDisk(LocalDisk {
        menu: None,
        failed: "The local disk does not boot. Starting again.",
        after: After::Reboot,
    }));
    write(&page.paragraph(format!("HPS: {problem}")).line("Booting from the local disk").pause(READ_SECONDS), loader)
}

/// `menu_item=reboot`.
pub fn reboot(context: ScriptContext<'_>) -> String {
    context.write(&context.titled(Then::Reboot).line("Restarting"))
}
