// SPDX-License-Identifier: GPL-3.0-or-later
//! `process_menu_item`: a person's choice at the console, or the next request of one of our scripts.

use super::{console_requests, install, task};
use crate::boot::{Decision, MenuItem, MenuPage};
use crate::boot_context::{BootContext, NoNode, node_environment};
use crate::config::TypeFeature;
use crate::host::{Host, HostState};
use crate::manager::boot_script::script_context;
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::response::Response;
use crate::render::scripts::{self, ScriptContext};

/// `cmd=process_menu_item`.
pub(crate) fn process_menu_item(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let item: MenuItem = context.parameter("menu_item")?.parse()?;
    let machine = context.boot_context(context.mac()?);
    let proven = machine.identity.is_proven();
    let script = script_context(&context.store, &machine, context.via());
    // A machine that is not this host learns no more than a stranger.
    let script = if proven { script } else { ScriptContext { host: None, ..script } };
    let page = |page| scripts::decision(script, &Decision::Menu(page, None), None);
    let text = match item {
        MenuItem::Init => page(MenuPage::Main),
        MenuItem::Install if machine.was_installed() => page(MenuPage::Main),
        MenuItem::Install => page(MenuPage::Install),
        MenuItem::LocalBoot => scripts::decision(script, &Decision::LocalBoot(None), None),
        MenuItem::Reboot => scripts::reboot(script),
        MenuItem::ShowIpxe => scripts::show_ipxe(script),
        MenuItem::ShowHost => scripts::show_host(script),
        MenuItem::ShowCluster => scripts::show_cluster(script),
        MenuItem::ShowPaths => scripts::show_paths(script),
        MenuItem::RecoverDrh => {
            // It reads all records and shows names and addresses, so it is not for strangers.
            RequestContext::require_proven(&machine)?;
            scripts::drh_hosts(script, &drh_hosts(context)?)
        }
        MenuItem::Rescue => rescue(context, &machine, script)?,
        MenuItem::InstallAs(host_type, profile) => return install::by_menu(context, &machine, host_type, profile),
        MenuItem::GaveUp => return install::gave_up(context, &machine),
        MenuItem::NoTask => return task::not_possible(context, &machine),
        MenuItem::Enrol => return install::enrol(context, &machine),
        MenuItem::Reinstall | MenuItem::Unconfigure | MenuItem::ForceOn | MenuItem::ForceOff => {
            return console_requests::request(context, &machine, item);
        }
    };
    Ok(Response::script(text, None))
}

/// Machines do not ask for this at a boot, so it may read all records.
fn drh_hosts(context: &RequestContext<'_>) -> Result<Vec<Host>, Failure> {
    let hosts = context.store.hosts().list()?.into_iter().filter_map(|file| file.host.ok());
    let keeps_copies = |host_type| context.store.cluster.type_has(host_type, TypeFeature::Copies);
    Ok(hosts.filter(|h| h.host_type.is_some_and(keeps_copies) && h.state() == HostState::Installed).collect())
}

fn rescue(context: &RequestContext<'_>, machine: &BootContext, script: ScriptContext<'_>) -> Result<String, Failure> {
    let (kernel, initrd) =
        node_environment(&context.store, machine.known(), &machine.firmware).map_err(|error| match error {
            NoNode::Source(error) => Failure::from(error),
            NoNode::Processor(_) => Failure::not_now(error.to_string()),
        })?;
    Ok(scripts::rescue(script, &kernel, &initrd))
}
