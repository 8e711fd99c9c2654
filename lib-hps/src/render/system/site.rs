// SPDX-License-Identifier: GPL-3.0-or-later
//! What site profiles add to a host. If a profile has a file that HPS makes too, the profile's file counts. Of two
//! profiles the later one counts.

use super::error::{SystemError, TemplateError};
use super::parts::{Script, System};
use super::placed_file::PlacedFile;
use super::target_system::TargetSystem;
use crate::config::{SiteFile, SiteProfile, Text};
use crate::types::check_kernel_arguments;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

/// What a template of a site can name. The names of the fields are an interface.
#[derive(Debug, Serialize)]
struct Context {
    cluster: String,
    host_name: String,
    domain: String,
    #[serde(rename = "type")]
    host_type: String,
    profile: Option<&'static str>,
    distro: String,
    mac: String,
    macs: Vec<String>,
    address: String,
    prefix_length: u8,
    netmask: String,
    gateway: Option<String>,
    name_servers: Vec<String>,
    ntp: Vec<String>,
    provisioning_node: String,
    /// Its addresses for storage: `name`, and `address` with the length of the prefix.
    storage: Vec<Storage>,
}

#[derive(Debug, Serialize)]
struct Storage {
    name: String,
    address: String,
}

impl Context {
    fn new(host: &TargetSystem<'_>) -> Self {
        let (cluster, place) = (host.cluster, host.cluster.placement(host.address));
        let texts = |list: &[std::net::Ipv4Addr]| list.iter().map(ToString::to_string).collect();
        let storage = cluster.storage_networks.iter();
        let storage = storage.filter(|s| s.types.contains(&host.host_type()) && place.subnet.is_none());
        Self {
            cluster: cluster.name.to_string(),
            host_name: host.name.to_string(),
            domain: place.domain().to_string(),
            host_type: host.host_type().to_string(),
            profile: host.permission.profile.map(|profile| profile.as_str()),
            distro: host.permission.distro.to_string(),
            mac: host.host.mac().colons(),
            macs: host.host.macs().map(|mac| mac.colons()).collect(),
            address: host.address.to_string(),
            prefix_length: place.network().prefix_len(),
            netmask: place.network().netmask().to_string(),
            gateway: place.gateway().map(|gateway| gateway.to_string()),
            name_servers: texts(&place.name_servers()),
            ntp: texts(&place.ntp()),
            provisioning_node: cluster.server().to_string(),
            storage: storage
                .map(|storage| Storage {
                    name: storage.name.to_string(),
                    address: storage.address_of(host.address, cluster.network.address).to_string(),
                })
                .collect(),
        }
    }
}

/// Adds them, in their order.
///
/// # Errors
/// One line: a profile that this host cannot have, or a template that names an unknown value.
pub(super) fn add(system: &mut System, host: &TargetSystem<'_>) -> Result<(), SystemError> {
    let context = Context::new(host);
    for profile in host.profiles {
        profile.fits(host.host_type(), &host.permission.distro)?;
        for file in &profile.files {
            let placed = placed(profile, file, &context)?;
            system.files.retain(|other| other.path != placed.path);
            system.files.push(placed);
        }
        once(&mut system.packages, profile.packages.iter());
        once(&mut system.services, profile.services.iter());
        once(&mut system.kernel_arguments, profile.kernel_arguments.iter());
        system.ports.extend(&profile.ports);
        let label = profile.label();
        system.scripts.extend(
            profile.scripts.iter().map(|script| Script {
                name: format!("{label}/{}", script.name),
                text: script.text.as_str().to_owned(),
            }),
        );
    }
    system.ports.sort_unstable();
    system.ports.dedup();
    // Each profile fits alone, but a host may have several.
    let labels: Vec<String> = host.profiles.iter().map(SiteProfile::label).collect();
    check_kernel_arguments(&system.kernel_arguments)
        .map_err(|why| SystemError::Arguments { profiles: labels.join(", "), why })
}

fn once<T: ToString>(list: &mut Vec<String>, more: impl Iterator<Item = T>) {
    for text in more.map(|value| value.to_string()) {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}

fn placed(profile: &SiteProfile, file: &SiteFile, context: &Context) -> Result<PlacedFile, SystemError> {
    let text = file.text.as_str();
    let text = if file.template {
        filled(text, context)
            .and_then(|text| Ok(Text::new(text)?.as_str().to_owned()))
            .map_err(|why| SystemError::Template { profile: profile.describe(), file: file.path.to_string(), why })?
    } else {
        text.to_owned()
    };
    let path = file.path.as_str().trim_start_matches('/').to_owned();
    Ok(PlacedFile { path, mode: file.mode.0, text })
}

fn filled(text: &str, context: &Context) -> Result<String, TemplateError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A template of a site must not keep the boot manager busy for long.
    environment.set_fuel(Some(100_000));
    environment.add_template("file", text)?;
    Ok(environment.get_template("file").and_then(|file| file.render(Serde(context)))?)
}
