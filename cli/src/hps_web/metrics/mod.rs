// SPDX-License-Identifier: GPL-3.0-or-later
//! `/metrics`, in the format of OpenMetrics, for Prometheus.

mod counted;
mod media;
mod reason;

pub(super) use counted::Counted;
pub(super) use media::{MediaAge, media_ages};

use super::http::{Method, Reply, Request, Response, Status};
use super::site::{Current, Snapshot};
use crate::program;
use counted::Labels;
use hps::config::Dir;
use hps::host::HostState;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The folders whose space an installation needs.
const FOLDERS: [(Dir, &str); 5] = [
    (Dir::Clusters, "clusters"),
    (Dir::State, "state"),
    (Dir::Log, "log"),
    (Dir::Distros, "distros"),
    (Dir::Packages, "packages"),
];

type Gauges = Family<Labels, Gauge>;

/// The answer to a request of `/metrics`.
pub(super) fn answer(current: &Current, request: &Request) -> Reply {
    if !matches!(request.method, Method::Get | Method::Head) {
        let refusal = Response::error(Status::MethodNotAllowed, "this address only reads: use GET");
        return Reply::Whole(refusal.with_field("Allow", "GET, HEAD"));
    }
    if !request.query.is_empty() {
        return Reply::Whole(Response::error(Status::BadRequest, "/metrics takes no parameters"));
    }
    let mut registry = Registry::default();
    let up: Gauge = Gauge::default();
    registry.register("hps_up", "Whether the records of the active cluster can be read", up.clone());
    let of_version = Gauges::default();
    of_version.get_or_create(&vec![("version", program::VERSION.to_owned())]).set(1);
    registry.register("hps_build", "The version of this program", of_version);
    current.counted().register(&mut registry);
    if let Ok(snapshot) = current.snapshot() {
        up.set(1);
        hosts(&mut registry, &snapshot);
        addresses(&mut registry, &snapshot, current.slow().leases.as_deref());
        space(&mut registry, &snapshot);
        around(&mut registry, current);
    }
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => Reply::Whole(Response::new(KIND, text.into_bytes())),
        Err(_) => Reply::Whole(Response::error(Status::Failed, "the metrics cannot be written")),
    }
}

fn number(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

fn hosts(registry: &mut Registry, snapshot: &Snapshot) {
    let now = program::now();
    let limits = &snapshot.store.cluster.install.stage_limits;
    let (by_state, by_stage) = (Gauges::default(), Gauges::default());
    // A state that no host has is 0 and not missing: a rule that counts it must not be silent.
    let mut counts: BTreeMap<(&str, String), i64> = BTreeMap::new();
    let (mut stalled, mut armed) = (0, 0);
    for known in snapshot.hosts.values() {
        let host = known.host();
        let own = host.host_type.map_or_else(|| "none".to_owned(), |own| own.to_string());
        *counts.entry((host.state().as_str(), own)).or_default() += 1;
        if let Some(attempt) = host.attempt.as_ref().filter(|_| host.state() == HostState::Installing) {
            let stage = attempt.stage().map_or("begun", |stage| stage.stage.as_str());
            by_stage.get_or_create(&vec![("stage", stage.to_owned())]).inc();
        }
        stalled += i64::from(host.stalled(limits, now).is_some());
        armed += i64::from(known.is_armed(now));
    }
    for state in HostState::ALL {
        if !counts.keys().any(|(own, _)| *own == state.as_str()) {
            counts.insert((state.as_str(), "none".to_owned()), 0);
        }
    }
    for ((state, own), count) in counts {
        by_state.get_or_create(&vec![("state", state.to_owned()), ("type", own)]).set(count);
    }
    registry.register("hps_hosts", "Hosts by state and type", by_state);
    registry.register("hps_hosts_installing", "Hosts that are being installed, by stage", by_stage);
    let mut one = |name: &str, help: &str, value: i64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    one("hps_hosts_stalled", "Hosts that are in a stage for longer than the limit of the cluster", stalled);
    one("hps_hosts_armed", "Hosts with a permission that counts", armed);
    one("hps_records_unreadable", "Records that cannot be read", number(snapshot.unreadable.len()));
}

/// Addresses of hosts, and those that dnsmasq gives to machines that are no hosts yet.
fn addresses(registry: &mut Registry, snapshot: &Snapshot, leases: Option<&[Ipv4Addr]>) {
    let [size, used, pool, leased] = [(); 4].map(|()| Gauges::default());
    for place in snapshot.store.cluster.placements() {
        let labels = vec![("network", place.network().to_string())];
        let (range, dynamic) = (place.host_range(), place.dhcp_range());
        size.get_or_create(&labels).set(number(range.count()));
        let addresses = snapshot.hosts.values().filter_map(|known| known.host().address);
        used.get_or_create(&labels).set(number(addresses.filter(|address| range.contains(*address)).count()));
        pool.get_or_create(&labels).set(number(dynamic.count()));
        if let Some(leases) = leases {
            let count = leases.iter().filter(|address| dynamic.contains(**address)).count();
            leased.get_or_create(&labels).set(number(count));
        }
    }
    registry.register("hps_host_addresses", "Addresses for hosts", size);
    registry.register("hps_host_addresses_used", "Addresses that hosts have", used);
    registry.register("hps_dhcp_pool_addresses", "Addresses for machines that are no hosts yet", pool);
    registry.register("hps_dhcp_pool_leases", "Addresses among them that machines have now", leased);
}

fn space(registry: &mut Registry, snapshot: &Snapshot) {
    let (free, size) = (Gauges::default(), Gauges::default());
    let conf = snapshot.store.paths.conf();
    for (dir, name) in FOLDERS {
        let labels = vec![("folder", name.to_owned())];
        if let Ok(info) = rustix::fs::statvfs(conf.dir(dir)) {
            free.get_or_create(&labels).set(number(info.f_bavail.saturating_mul(info.f_frsize)));
            size.get_or_create(&labels).set(number(info.f_blocks.saturating_mul(info.f_frsize)));
        }
    }
    let help = "Free space of the file system of a folder";
    registry.register_with_unit("hps_folder_free", help, Unit::Bytes, free);
    registry.register_with_unit("hps_folder_size", "Size of the file system of a folder", Unit::Bytes, size);
}

/// What the slow thread found out.
fn around(registry: &mut Registry, current: &Current) {
    let slow = current.slow();
    let (services, media) = (Gauges::default(), Gauges::default());
    for service in &slow.surroundings.services {
        services.get_or_create(&vec![("service", service.name.to_owned())]).set(i64::from(service.runs));
    }
    registry.register("hps_service_up", "Whether a service of HPS runs", services);
    for MediaAge { distro, kind, published } in &slow.media {
        let labels = vec![("distro", distro.clone()), ("kind", (*kind).to_owned())];
        media.get_or_create(&labels).set(number(*published));
    }
    let help = "When the newest image or tree of a distribution was published, since 1970";
    registry.register_with_unit("hps_media_published", help, Unit::Seconds, media);
    let (waiting, unknown): (Gauge, Gauge) = (Gauge::default(), Gauge::default());
    waiting.set(number(slow.waiting.len()));
    unknown.set(number(slow.unknown));
    registry.register("hps_machines_waiting", "Machines that wait for an administrator", waiting);
    registry.register("hps_machines_unknown", "Unknown machines that asked", unknown);
}
