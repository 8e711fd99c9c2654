// SPDX-License-Identifier: GPL-3.0-or-later
//! Pages that show something and then return to the menu.

use super::script_context::ScriptContext;
use crate::boot::MenuItem;
use crate::config::Enrolment;
use crate::host::Host;
use crate::render::page::{Page, Then};
use crate::types::Line;

/// `menu_item=show_ipxe`: what the boot loader reports about the machine.
pub fn show_ipxe(context: ScriptContext<'_>) -> String {
    context.write(&shows(context).firmware())
}

/// `menu_item=show_host`: the record of the host.
pub fn show_host(context: ScriptContext<'_>) -> String {
    let mut page = shows(context);
    match context.host {
        None => page = page.line("There is no record that this machine may see."),
        Some(host) => {
            let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            for (key, value) in [
                ("state", host.state().to_string()),
                ("type", or_dash(host.host_type.map(|t| t.to_string()))),
                ("profile", or_dash(host.profile.map(|p| p.to_string()))),
                ("address", or_dash(host.address.map(|a| a.to_string()))),
                ("updated", host.updated.to_string()),
                ("reason", or_dash(host.reason.as_ref().map(Line::to_string))),
            ] {
                page = page.line(format!("{key:<8} {value}"));
            }
        }
    }
    context.write(&page)
}

/// `menu_item=show_cluster`.
pub fn show_cluster(context: ScriptContext<'_>) -> String {
    let cluster = context.cluster;
    let n = &cluster.network;
    let join = |list: Vec<String>| if list.is_empty() { "-".to_owned() } else { list.join(" ") };
    let mut page = shows(context);
    for (key, value) in [
        ("cluster", cluster.name.to_string()),
        ("about", cluster.description.to_string()),
        ("server", n.address.to_string()),
        ("gateway", n.gateway.map_or_else(|| "-".to_owned(), |g| g.to_string())),
        ("hosts", n.host_range.to_string()),
        ("unknown", n.dhcp_range.to_string()),
        ("dns", join(cluster.name_servers().iter().map(ToString::to_string).collect())),
        ("ntp", join(cluster.time_servers().iter().map(ToString::to_string).collect())),
        ("domain", n.domain.to_string()),
        (
            "installs",
            match cluster.install.enrolment {
                Enrolment::Menu => "armed hosts, and new machines by menu".to_owned(),
                Enrolment::Armed => "armed hosts only".to_owned(),
            },
        ),
    ] {
        page = page.line(format!("{key:<8} {value}"));
    }
    for subnet in &cluster.subnets {
        page = page.line(format!("subnet   {} {}", subnet.name, subnet.network));
    }
    for (host_type, settings) in &cluster.types {
        page = page.line(format!("{host_type:<8} {}", settings.distro));
    }
    context.write(&page)
}

/// `menu_item=show_paths`: the addresses of what is served. Folders of the provisioning node are not shown to machines.
pub fn show_paths(context: ScriptContext<'_>) -> String {
    let base = context.cluster.base_url();
    let page = shows(context)
        .line(format!("boot manager {}", context.cluster.boot_manager_url()))
        .line(format!("systems      {base}/distros/"))
        .line(format!("boot loaders tftp://{}/", context.cluster.server()));
    context.write(&page)
}

/// `menu_item=recover_DRH`: what the disaster recovery hosts of this cluster offer, each with name and address.
pub fn drh_hosts(context: ScriptContext<'_>, hosts: &[Host]) -> String {
    let mut page = shows(context);
    if hosts.is_empty() {
        page = page
            .line("This cluster has no installed disaster recovery host.")
            .line("The provisioning node itself can build every host again, with host-state.");
    }
    for host in hosts {
        let address = host.address.map_or_else(|| "no address".to_owned(), |a| a.to_string());
        page = page.line(format!("{} at {address}, {} since {}", host.label(), host.state(), host.updated));
    }
    if !hosts.is_empty() {
        page = page.paragraph(
            "They hold copies of hosts, and of the provisioning node's configuration and media. This menu copies nothing: log in to the provisioning node, or boot this machine into rescue and fetch the copies.",
        );
    }
    context.write(&page)
}

/// A few sentences, then the menu again.
pub fn message(context: ScriptContext<'_>, sentences: &[&str]) -> String {
    let page = sentences.iter().fold(shows(context), |page, sentence| page.paragraph(*sentence));
    context.write(&page)
}

/// A page that leads back to the menu.
fn shows(context: ScriptContext<'_>) -> Page {
    context.titled(Then::Key(60, context.item(MenuItem::Init)))
}
