// SPDX-License-Identifier: GPL-3.0-or-later
//! Pages that hand a machine over to its own disk.

use super::script_context::{READ_SECONDS, ScriptContext, write};
use crate::boot::MenuItem;
use crate::render::page::{Address, After, LocalDisk, Page, Then, Way};
use crate::types::{DISK_LOADER_BIOS, DISK_LOADER_UEFI, Line, Loader, LocalBoot};

/// An installed machine.
pub(super) fn installed(context: ScriptContext<'_>, notice: Option<&Line>) -> Page {
    let page = context.titled(Then::LocalDisk(LocalDisk {
        way: way(context),
        menu: Some((LocalDisk::KEY_SECONDS, context.item(MenuItem::Init))),
        blank: false,
        failed: "The local disk does not boot, or the menu could not be fetched. Asking again.",
        after: After::Ask(context.ask_again()),
    }));
    let page = match notice {
        Some(notice) => page.paragraph(notice.as_str()).pause(READ_SECONDS),
        None => page,
    };
    page.line("Booting from the local disk")
}

/// A machine that was never installed and has no permission. It may be blank, or belong to somebody else.
pub(super) fn unknown(context: ScriptContext<'_>) -> Page {
    let disk = LocalDisk {
        way: way(context),
        menu: Some((READ_SECONDS, context.item(MenuItem::Init))),
        blank: true,
        failed: "No disk of this machine starts a system that HPS knows. Asking again.",
        after: After::Ask(context.ask_again()),
    };
    context.no_permission(Then::LocalDisk(disk)).line("Starting its own disk, if one starts")
}

/// An error that affects the whole node: the machine shows it, then boots its disk if it has one. A typing error in a
/// file of this node must not stop the machines of a site. Without a cluster, the address of GRUB is not known.
pub fn stranded(problem: &str, loader: Loader) -> String {
    let page = Page::new(Then::LocalDisk(LocalDisk {
        way: Way::Sanboot,
        menu: None,
        blank: false,
        failed: "The local disk does not boot. Starting again.",
        after: After::Reboot,
    }));
    write(&page.paragraph(format!("HPS: {problem}")).line("Booting from the local disk").pause(READ_SECONDS), loader)
}

/// By the record of the host, otherwise by the cluster.
fn way(context: ScriptContext<'_>) -> Way {
    let cluster = context.cluster;
    match context.host.and_then(|host| host.local).unwrap_or(cluster.boot.local) {
        LocalBoot::Chainloader => Way::Chainloader {
            bios: Address::loader(cluster, DISK_LOADER_BIOS),
            uefi: Address::loader(cluster, DISK_LOADER_UEFI),
        },
        LocalBoot::Exit => Way::Exit,
        LocalBoot::Sanboot => Way::Sanboot,
    }
}
