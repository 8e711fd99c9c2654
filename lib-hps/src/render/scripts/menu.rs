// SPDX-License-Identifier: GPL-3.0-or-later
//! Menus. Each item has its own key, so that a new host needs two keys; without a key the menu does the safe thing.

use super::script_context::ScriptContext;
use crate::boot::{MenuItem, MenuPage};
use crate::config::Enrolment;
use crate::render::page::{Address, Item, Menu, Page, Then};
use crate::types::{HostType, Line, Loader};

/// A page of the menu.
pub(super) fn menu(context: ScriptContext<'_>, page: MenuPage, notice: Option<&Line>) -> Page {
    let mut notices = Vec::new();
    if page == MenuPage::Install && !context.has_storage {
        notices.push("The first host of a cluster is a storage host.".to_owned());
    }
    // A line of a menu is short.
    let parts = context.probable_host.into_iter().flat_map(|sentence| sentence.split("; "));
    notices.extend(parts.flat_map(|part| part.split(": ")).map(str::to_owned));
    notices.extend(notice.map(Line::to_string));
    let item = |(key, item, text)| Item { key, item, text, address: context.item(item) };
    let (safe, own) = match page {
        MenuPage::Main => (MenuItem::LocalBoot, MenuItem::Init),
        MenuPage::Install => (MenuItem::Init, MenuItem::Install),
    };
    Page::new(Then::Menu(Menu {
        title: context.title(),
        address: context.host.and_then(|h| h.address),
        notices,
        items: items(context, page).into_iter().map(item).collect(),
        safe,
        timeout: context.cluster.boot.menu_timeout,
        // Only the decision has the notice.
        again: match notice {
            Some(_) => Address::boot_action(context.cluster, context.mac),
            None => context.item(own),
        },
    }))
}

/// Key, item and text of a page. A type that cannot be installed is not shown.
fn items(context: ScriptContext<'_>, page: MenuPage) -> Vec<(char, MenuItem, String)> {
    match page {
        MenuPage::Main => main_items(context),
        MenuPage::Install => install_items(context),
    }
}

fn main_items(context: ScriptContext<'_>) -> Vec<(char, MenuItem, String)> {
    let mut items = Vec::new();
    let mut add = |key, item, text: &str| items.push((key, item, text.to_owned()));
    if !context.was_installed && context.cluster.install.enrolment == Enrolment::Menu {
        add('i', MenuItem::Install, "Install this machine");
    }
    add('l', MenuItem::LocalBoot, "Boot from the local disk");
    add('e', MenuItem::Rescue, "Rescue: a shell, with disks and network up");
    if context.was_installed {
        add('n', MenuItem::Reinstall, "Request a new installation from the operator");
    }
    match context.host.map(|h| h.force_asked) {
        Some(true) => add('f', MenuItem::ForceOff, "Withdraw the request that a disk be wiped"),
        Some(false) => add('f', MenuItem::ForceOn, "Request that a disk be wiped"),
        None => {}
    }
    if context.host.is_some_and(|h| h.host_type.is_some()) {
        add('u', MenuItem::Unconfigure, "Remove the type and permission of this host");
    }
    add('d', MenuItem::RecoverDrh, "Show the disaster recovery hosts");
    add('h', MenuItem::ShowHost, "Show the record of this host");
    add('c', MenuItem::ShowCluster, "Show the cluster");
    add('p', MenuItem::ShowPaths, "Show what the provisioning node serves");
    let reports = match context.loader {
        Loader::Ipxe => "Show what iPXE reports about this machine",
        Loader::Grub => "Show what GRUB reports about this machine",
    };
    add('x', MenuItem::ShowIpxe, reports);
    add('r', MenuItem::Reboot, "Restart");
    items
}

fn install_items(context: ScriptContext<'_>) -> Vec<(char, MenuItem, String)> {
    let mut items = Vec::new();
    let keys: [(HostType, &[char]); 4] =
        [(HostType::Sch, &['s', 'm']), (HostType::Tch, &['t']), (HostType::Cch, &['c']), (HostType::Drh, &['d'])];
    for (host_type, keys) in keys {
        if host_type != HostType::Sch && !context.has_storage {
            continue;
        }
        let profiles = host_type.profiles();
        let variants: Vec<_> =
            if profiles.is_empty() { vec![None] } else { profiles.iter().copied().map(Some).collect() };
        for (key, profile) in keys.iter().zip(variants) {
            let Ok((_, distro)) = context.cluster.role(host_type, profile) else { continue };
            let variant = profile.map_or_else(String::new, |p| format!(", {}", p.title()));
            let text = format!("{} {host_type}{variant}, {distro}", host_type.title());
            items.push((*key, MenuItem::InstallAs(host_type, profile), text));
        }
    }
    items.push(('b', MenuItem::Init, "Back".to_owned()));
    items
}
