// SPDX-License-Identifier: GPL-3.0-or-later
//! Pages that show something and then return to the menu.

use super::script_context::ScriptContext;
use crate::boot::MenuItem;
use crate::config::Enrolment;
use crate::host::Host;
use crate::render::ipxe::Script;
use crate::types::Line;

/// `menu_item=show_ipxe`: what iPXE reports about the machine, expanded by iPXE itself.
pub fn show_ipxe(context: ScriptContext<'_>) -> String {
    let mut script = context.titled();
    for setting in [
        "version",
        "platform",
        "buildarch",
        "manufacturer",
        "product",
        "serial",
        "uuid",
        "netX/mac",
        "netX/chip",
        "netX/ip",
        "netX/netmask",
        "netX/gateway",
        "next-server",
        "filename",
    ] {
        // Firmware may report any text; as uristring it has no characters that act.
        script = script.line(format_args!("echo {setting:<14} ${{{setting}:uristring}}"));
    }
    back(script, context)
}

/// `menu_item=show_host`: the record of the host.
pub fn show_host(context: ScriptContext<'_>) -> String {
    let mut script = context.titled();
    match context.host {
        None => script = script.echo("There is no record that this machine may see."),
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
                script = script.echo(&format!("{key:<8} {value}"));
            }
        }
    }
    back(script, context)
}

/// `menu_item=show_cluster`.
pub fn show_cluster(context: ScriptContext<'_>) -> String {
    let cluster = context.cluster;
    let n = &cluster.network;
    let join = |list: Vec<String>| if list.is_empty() { "-".to_owned() } else { list.join(" ") };
    let mut script = context.titled();
    for (key, value) in [
        ("cluster", cluster.name.to_string()),
        ("about", cluster.description.to_string()),
        ("server", n.address.to_string()),
        ("gateway", n.gateway.map_or_else(|| "-".to_owned(), |g| g.to_string())),
        ("hosts", n.host_range.to_string()),
        ("unknown", n.dhcp_range.to_string()),
        ("dns", join(cluster.name_servers().iter().map(ToString::to_string).collect())),
        ("ntp", join(n.ntp.iter().map(ToString::to_string).collect())),
        ("domain", n.domain.to_string()),
        (
            "installs",
            match cluster.install.enrolment {
                Enrolment::Menu => "armed hosts, and new machines by menu".to_owned(),
                Enrolment::Armed => "armed hosts only".to_owned(),
            },
        ),
    ] {
        script = script.echo(&format!("{key:<8} {value}"));
    }
    for (host_type, settings) in &cluster.types {
        script = script.echo(&format!("{host_type:<8} {}", settings.distro));
    }
    back(script, context)
}

/// `menu_item=show_paths`: the addresses of what is served. Folders of the provisioning node are not shown to machines.
pub fn show_paths(context: ScriptContext<'_>) -> String {
    let base = context.cluster.base_url();
    let script = context
        .titled()
        .echo(&format!("boot manager {}", context.cluster.boot_manager_url()))
        .echo(&format!("systems      {base}/distros/"))
        .echo(&format!("boot loaders tftp://{}/", context.cluster.server()));
    back(script, context)
}

/// `menu_item=recover_DRH`: what the disaster recovery hosts of this cluster offer, each with name and address.
pub fn drh_hosts(context: ScriptContext<'_>, hosts: &[Host]) -> String {
    let mut script = context.titled();
    if hosts.is_empty() {
        script = script
            .echo("This cluster has no installed disaster recovery host.")
            .echo("The provisioning node itself can build every host again, with host-state.");
    }
    for host in hosts {
        let address = host.address.map_or_else(|| "no address".to_owned(), |a| a.to_string());
        script = script.echo(&format!("{} at {address}, {} since {}", host.label(), host.state(), host.updated));
    }
    if !hosts.is_empty() {
        script = script.echo_wrapped(
            "They hold copies of hosts, and of the provisioning node's configuration and media. This menu copies nothing: log in to the provisioning node, or boot this machine into rescue and fetch the copies.",
        );
    }
    back(script, context)
}

/// A few sentences, then the menu again.
pub fn message(context: ScriptContext<'_>, sentences: &[&str]) -> String {
    let script = sentences.iter().fold(context.titled(), |script, sentence| script.echo_wrapped(sentence));
    back(script, context)
}

fn back(script: Script, context: ScriptContext<'_>) -> String {
    script.line("prompt --timeout 60000 Press any key for the menu ||").chain(&context.item(MenuItem::Init)).into_text()
}
