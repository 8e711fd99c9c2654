// SPDX-License-Identifier: GPL-3.0-or-later
//! A decision as a page, and the page as a script of the machine's boot loader.

mod grub;
mod installer;
mod ipxe;
mod local_disk;
mod menu;
mod pages;
mod script_context;
#[cfg(test)]
mod tests;

pub use installer::{check_erase, check_installer, rescue, unsupported};
pub use local_disk::stranded;
pub use pages::{drh_hosts, message, show_cluster, show_host, show_ipxe, show_paths};
pub use script_context::{ScriptContext, Shims};

use crate::boot::{Decision, MenuItem};
use crate::config::Cluster;
use crate::render::page::{Address, After, Page, Then};
use crate::types::{Distro, Line, Loader, Token};
use script_context::{READ_SECONDS, write};

/// `cmd=init`: continue with `boot_action` and the firmware information. `shim` is the line of releases whose shim
/// started GRUB; without one it is Debian's.
pub fn init(cluster: &Cluster, loader: Loader, shim: Option<&Distro>) -> String {
    let address = Address::init(cluster);
    match (loader, shim) {
        (Loader::Ipxe, _) => ipxe::init(&address, cluster.name.as_str()),
        (Loader::Grub, None) => grub::init(&address),
        (Loader::Grub, Some(_)) => grub::init_of_tree(&address),
    }
}

/// The first file that GRUB reads: it asks `cmd=init` until there is an answer, and follows the pages. `shim` as in
/// [`init`].
pub fn grub_start(cluster: &Cluster, shim: Option<&Distro>) -> String {
    grub::start(&Address::init(cluster), cluster.name.as_str(), shim)
}

/// A decision. Only an installer, a task and an erase need `ticket`: it goes on the command line of the kernel.
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
        Decision::Task(task) => match ticket {
            Some(ticket) => installer::task(context, task, ticket),
            None => stop(context, &Line::lossy("No ticket was made for this task.")),
        },
        Decision::Erase(erase) => match ticket {
            Some(ticket) => match check_erase(context, erase, ticket) {
                Ok(()) => installer::erase(context, erase, ticket),
                Err(problem) => stop(context, &Line::lossy(&problem.to_string())),
            },
            None => stop(context, &Line::lossy("No ticket was made for this erase.")),
        },
        Decision::Enrol(by) => enrol(context, by),
        Decision::LocalBoot(notice) => local_disk::installed(context, notice.as_ref()),
        Decision::Menu(page, notice) => menu::menu(context, *page, notice.as_ref()),
        Decision::OwnDisk => local_disk::unknown(context),
        Decision::Wait => wait(context),
        Decision::GiveUp { attempts } => give_up(context, *attempts),
        Decision::Stop(problem) => stop(context, problem),
    }
}

/// A rule or a window permits the machine. It requests address and name, which changes its state; `boot_action` must
/// not do that.
fn enrol(context: ScriptContext<'_>, by: &Line) -> Page {
    context
        .titled(Then::Request(context.item(MenuItem::Enrol), context.ask_again()))
        .paragraph(format!("The installation of this machine is permitted by {by}"))
}

fn wait(context: ScriptContext<'_>) -> Page {
    context.no_permission(Then::Wait(After::SECONDS, context.item(MenuItem::Init), context.ask_again()))
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

/// `menu_item=reboot`.
pub fn reboot(context: ScriptContext<'_>) -> String {
    context.write(&context.titled(Then::Reboot).line("Restarting"))
}
