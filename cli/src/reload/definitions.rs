// SPDX-License-Identifier: GPL-3.0-or-later
//! The files by which a service manager knows the services.

use crate::change::Change;
use hps::config::Cluster;
use hps::exec::services::{DefinitionFormat, Service, ServiceManager};
use hps::files::Access;
use hps::render::{units, web_units};
use std::path::PathBuf;

/// The definitions of the services that this cluster needs; all others are removed.
pub(super) fn definitions(
    manager: &dyn ServiceManager,
    cluster: &Cluster,
    services: units::Services<'_>,
) -> anyhow::Result<Vec<Change>> {
    let mut changes: Vec<Change> = Vec::new();
    for service in Service::ALL {
        let Some((format, path)) = manager.definition(service) else { continue };
        // Two services may share a file.
        if changes.iter().any(|change| change.path() == path) {
            continue;
        }
        let file = |path| Change::new(path, text(format, service, services).into_bytes(), Access::World);
        changes.extend(optional(service.is_wanted(cluster), path, file)?);
    }
    Ok(changes)
}

fn text(format: DefinitionFormat, service: Service, services: units::Services<'_>) -> String {
    match (format, service) {
        (DefinitionFormat::Unit, Service::Dnsmasq) => units::systemd_dnsmasq(services),
        (DefinitionFormat::Unit, Service::Lighttpd) => units::systemd_lighttpd(services),
        (DefinitionFormat::Unit, Service::Chronyd) => units::systemd_chronyd(services),
        (DefinitionFormat::Unit, Service::Notify) => units::systemd_notify(services),
        (DefinitionFormat::Unit, Service::Web) => web_units::systemd_web(services),
        (DefinitionFormat::Unit, Service::WebTls) => web_units::systemd_web_tls(services),
        (DefinitionFormat::Unit, Service::WebChanges) => web_units::systemd_web_changes(services),
        (DefinitionFormat::Program, Service::WebChanges) => web_units::supervisord_web_changes(services),
        (DefinitionFormat::Program, Service::Dnsmasq | Service::Lighttpd) => units::supervisord(services),
        (DefinitionFormat::Program, Service::Chronyd) => units::supervisord_chronyd(services),
        (DefinitionFormat::Program, Service::Notify) => units::supervisord_notify(services),
        (DefinitionFormat::Program, Service::Web | Service::WebTls) => web_units::supervisord_web(services),
    }
}

/// A file that exists only while it is needed.
pub(super) fn optional(
    wanted: bool,
    path: PathBuf,
    file: impl FnOnce(PathBuf) -> anyhow::Result<Change>,
) -> anyhow::Result<Option<Change>> {
    if wanted {
        return file(path).map(Some);
    }
    Change::removal(path).map(|change| change.is_needed().then_some(change))
}
