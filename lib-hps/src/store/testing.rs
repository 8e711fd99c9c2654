// SPDX-License-Identifier: GPL-3.0-or-later
//! A store in a temporary folder.

use super::records::MemoryRecords;
use super::{Store, save_cluster};
use crate::config::{Cluster, HpsConf};
use crate::files::make_dir;
use crate::host::{Grant, Permission, PermissionId, PermissionSource, Who};
use crate::types::{HostType, Line, MacAddr, Timestamp};

const CLUSTER: &str = include_str!("../../../tests/fixtures/lab.cluster");

/// The folder goes when the first value is dropped.
pub(super) fn store(host_range: &str) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let conf = HpsConf::with_base(folder.path()).unwrap();
    for (_, path) in conf.dirs() {
        make_dir(path, 0o755, None).unwrap();
    }
    let cluster = Cluster::parse(&CLUSTER.replace("10.0.0.2-10.0.0.127", host_range)).unwrap();
    save_cluster(&conf, &cluster).unwrap();
    super::activate(&conf, &cluster.name).unwrap();
    let store = Store::open(&conf).unwrap();
    make_dir(&store.paths.cluster_dir(), 0o755, None).unwrap();
    store.paths.make_shared(None).unwrap();
    for path in [
        store.paths.permissions_dir(),
        store.paths.windows_dir(),
        store.paths.tasks_dir(),
        store.paths.discovery_windows_dir(),
    ]
    .into_iter()
    .chain(store.paths.host_entries_dirs())
    {
        make_dir(&path, 0o755, None).unwrap();
    }
    (folder, store)
}

/// The same with its records in memory.
fn memory_store(host_range: &str) -> (tempfile::TempDir, Store) {
    let (folder, store) = store(host_range);
    (folder, Store { records: Box::new(MemoryRecords::default()), ..store })
}

/// A store over files, and one over memory: for tests that hold for each.
pub(super) fn stores(host_range: &str) -> [(tempfile::TempDir, Store); 2] {
    [store(host_range), memory_store(host_range)]
}

/// The MAC of a test's machine.
pub(super) fn mac(n: u8) -> MacAddr {
    format!("5254000000{n:02x}").parse().unwrap()
}

/// Who changes something in a test.
pub(super) fn who() -> Who {
    Who::operator("test", "root")
}

/// So many seconds after the beginning of time.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// A permission of one host that expires at 10 s; `n` makes its id.
pub(super) fn permission(n: u8, source: PermissionSource) -> Permission {
    let grant = Grant {
        mac: "525400000001".parse().unwrap(),
        host_type: HostType::SCH,
        profile: None,
        distro: "x86_64-linux-debian-12".parse().unwrap(),
        wipe: vec!["QM1".parse().unwrap()],
        given_by: Line::lossy("root"),
        given_at: Timestamp::from_unix(0),
        expires: Timestamp::from_unix(10),
        reason: Line::lossy("test"),
    };
    Permission::new(PermissionId::from_random([n; 16]), source, grant)
}
