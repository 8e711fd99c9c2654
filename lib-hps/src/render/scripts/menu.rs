// SPDX-License-Identifier: GPL-3.0-or-later
//! Menus. Each item has its own key, so that a new host needs two keys; without a key the menu does the safe thing.

use super::script_context::ScriptContext;
use crate::boot::{MenuItem, MenuPage};
use crate::config::Enrolment;
use crate::render::ipxe::{Script, Shown};
use crate::types::{HostType, Line};

/// A page of the menu.
pub(super) fn menu(context: ScriptContext<'_>, page: MenuPage, notice: Option<&Line>) -> String {
    let address = context.host.and_then(|h| h.address).map_or_else(|| "${netX/ip}".to_owned(), |a| a.to_string());
    let mut script = Script::new().label("menu");
    // The title is our own and has only harmless characters. The address comes from a type or from iPXE.
    script = script.line(format_args!("menu {} {address}", Shown::new(&context.title())));
    if page == MenuPage::Install && !context.has_storage {
        script = script.line("item --gap -- The first host of a cluster is a storage host.");
    }
    if let Some(notice) = notice {
        script = script.line(format_args!("item --gap -- {}", Shown::from(notice)));
    }
    let items = items(context, page);
    for (key, item, text) in &items {
        script = script.line(format_args!("item --key {key} {item} [{key}] {}", Shown::new(text)));
    }
    let timeout = u64::from(context.cluster.boot.menu_timeout) * 1000;
    let safe = match page {
        MenuPage::Main => MenuItem::LocalBoot,
        MenuPage::Install => MenuItem::Init,
    };
    script = script.line(format_args!("choose --timeout {timeout} --default {safe} chosen || goto menu"));
    for (_, item, _) in &items {
        script = script.line(format_args!("iseq ${{chosen}} {item} && goto {item} ||"));
    }
    script = script.line("goto menu");
    for (_, item, _) in items {
        script = script
            .line(format_args!(":{item}"))
            .line(format_args!("chain --replace --autofree {} || goto menu", context.item(item)));
    }
    script.into_text()
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
    add('x', MenuItem::ShowIpxe, "Show what iPXE reports about this machine");
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
