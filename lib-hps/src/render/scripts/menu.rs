// SPDX-License-Identifier: GPL-3.0-or-later
//! Menus. Each item has its own key, so that a new host needs two keys; without a key the menu does the safe thing.

use super::script_context::ScriptContext;
use crate::boot::{MenuItem, MenuPage};
use crate::config::{Cluster, Enrolment, TypeFeature};
use crate::render::page::{Address, Item, Menu, Page, Then};
use crate::types::{Line, Loader};

/// The keys of types of the site's own, in the order of the types. The other letters belong to the types of HPS and to
/// `Back`.
const OWN_KEYS: &str = "123456789aefghijklnoqruvwxyz";

/// A page of the menu.
pub(super) fn menu(context: ScriptContext<'_>, page: MenuPage, notice: Option<&Line>) -> Page {
    let mut notices = Vec::new();
    if page == MenuPage::Install && !context.has_storage && waits_for_storage(context.cluster) {
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

/// Whether some type is offered only after the first storage host, or the first host should be one.
fn waits_for_storage(cluster: &Cluster) -> bool {
    let matters = [TypeFeature::Storage, TypeFeature::NeedsStorage];
    cluster.types.keys().any(|host_type| matters.into_iter().any(|feature| cluster.type_has(*host_type, feature)))
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
    let mut free = OWN_KEYS.chars();
    for host_type in context.cluster.types.keys().copied() {
        let Some(definition) = context.cluster.definition(host_type) else { continue };
        if definition.has(TypeFeature::NeedsStorage) && !context.has_storage {
            continue;
        }
        let mut keys = definition.keys.iter().copied();
        for profile in definition.variants() {
            let Ok((_, distro)) = context.cluster.role(host_type, profile) else { continue };
            let Some(key) = keys.next().or_else(|| free.next()) else { break };
            let variant = profile.map_or_else(String::new, |p| format!(", {}", p.title()));
            let text = format!("{} {host_type}{variant}, {distro}", definition.title);
            items.push((key, MenuItem::InstallAs(host_type, profile), text));
        }
    }
    items.push(('b', MenuItem::Init, "Back".to_owned()));
    items
}

#[cfg(test)]
#[path = "menu_tests.rs"]
mod tests;
