// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use crate::reload::drift::{self, WrittenFile};
use hps::config::Dir;
use hps::exec::services::{Service, ServiceFiles, is_process_of};
use hps::files::process_start;
use hps::store::EntryKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The start of a process is known to two seconds.
const TOLERANCE_SECONDS: i64 = 2;

/// Files that `reload` would change; and services that are older than their configuration.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let conf = &context.site.conf;
    let paths = &context.store.paths;
    let [reservations, names] = EntryKind::ALL.map(|kind| paths.host_entries_dir(kind));
    // Boot loaders, the boot manager and the entries of hosts have checks of their own.
    let others = [conf.dir(Dir::Tftp), conf.dir(Dir::HttpCgi), &reservations, &names];
    let is_ours = |file: &&WrittenFile| !others.iter().any(|folder| file.path.starts_with(folder));
    let differing: Vec<WrittenFile> =
        drift::written_files(&context.site, &context.store)?.into_iter().filter(|file| file.differs).collect();
    let mut found: Vec<Found> = differing.iter().filter(is_ours).map(|file| different(context, file)).collect();
    for service in [Service::Dnsmasq, Service::Lighttpd, Service::Chronyd, Service::WebTls] {
        let file = ServiceFiles::new(conf).configuration(service);
        if differing.iter().any(|other| other.path == file) {
            // Of two causes, the file is the first.
            context.is_broken_now(service.program());
        } else if is_older(context, service, &file) {
            let program = service.program();
            found.push(Found::problem(
                format!("{program} was started before the last change of {}", file.display()),
                "restart the services with: reload --stop; reload",
            ));
        }
    }
    Ok(found)
}

fn different(context: &Context, file: &WrittenFile) -> Found {
    let path = file.path.display();
    let what = if file.is_there { "is not what reload writes" } else { "is missing" };
    let cluster = context.store.paths.cluster_file();
    Found::problem(
        format!("{path} {what} from {}", cluster.display()),
        "see what would change: reload --dry-run; then: reload",
    )
}

/// Whether a process of the service began before its configuration was written.
fn is_older(context: &Context, service: Service, file: &Path) -> bool {
    let Ok(written) = file.metadata().map(|metadata| metadata.mtime()) else { return false };
    let owners = context.listeners().unwrap_or_default().iter().flat_map(|listener| &listener.owners);
    owners
        .filter(|owner| is_process_of(service, &context.site.conf, owner.pid))
        .filter_map(|owner| process_start(u32::try_from(owner.pid).ok()?))
        .any(|start| start + TOLERANCE_SECONDS < written)
}
