// SPDX-License-Identifier: GPL-3.0-or-later
//! A process that dies after each change of a replacement: what it leaves is safe, and the same command finishes it.

use super::*;
use crate::host::PermissionSource;
use crate::store::records::Change;
use crate::store::testing::{at, mac, permission, stores, who};
use crate::store::{Role, Store};
use crate::types::HostType;

const NEW: [u8; 2] = [10, 11];

fn new() -> Vec<MacAddr> {
    NEW.map(mac).to_vec()
}

fn installed(store: &Store) -> Host {
    let role = Role { host_type: HostType::SCH, profile: None, event: Event::Armed };
    store.allocations().allocate(mac(1), role, None, &[], &who(), at(1)).unwrap();
    store.permissions().give(&permission(1, PermissionSource::Operator)).unwrap();
    let host = store.hosts().find(mac(1)).unwrap().unwrap();
    store.installed_marks().mark_host(&host, at(2)).unwrap();
    host
}

/// Makes the first changes of the replacement, and returns whether these were all.
fn dies_after(store: &Store, count: usize) -> bool {
    let hosts = store.hosts();
    let (before, document) = hosts.own(mac(1)).unwrap().unwrap();
    let after = hosts.preview_machine(&before, &new(), at(9)).unwrap();
    store.journal().note(after.mac(), &who(), at(9), BEGUN, &note_of(after.mac(), mac(1))).unwrap();
    let locked = AllocationLock::wait(&store.paths).unwrap();
    let transaction = hosts.machine_moved(&locked, (&before, &document), &after).unwrap();
    for change in transaction.changes().iter().take(count) {
        match change {
            Change::Put(key, bytes) => store.records.put(key, bytes).unwrap(),
            Change::Remove(key) => store.records.remove(key).unwrap(),
        }
    }
    count >= transaction.changes().len()
}

/// As `host-state replace-machine` by the name.
fn run(store: &Store) {
    let hosts = store.hosts();
    if hosts.find(mac(1)).unwrap().is_some() {
        hosts.replace_machine(mac(1), &new(), &who(), at(10)).unwrap();
        return;
    }
    let host = hosts.find(mac(10)).unwrap().unwrap();
    if let Some(old) = hosts.replaces(&host).unwrap() {
        hosts.finish_machine(&host, old, &who(), at(10)).unwrap();
    }
    store.allocations().complete(&host, at(10)).unwrap();
}

#[test]
fn a_replacement_that_dies_permits_neither_machine_and_is_finished() {
    for count in 0.. {
        let mut all = false;
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let before = installed(&store);
            all = dies_after(&store, count);
            run(&store);
            let has = |key: &Key| store.records.get(key).unwrap().is_some();
            assert!(!has(&Key::host(mac(1))) && !has(&Key::permission(mac(1))), "{count}");
            assert!(!has(&Key::permission(mac(10))), "{count}");
            let host = store.hosts().find(mac(11)).unwrap().unwrap();
            assert_eq!((&host.name, host.address, host.state()), (&before.name, before.address, HostState::Configured));
            assert!(store.allocations().has_all_of(&host).unwrap(), "{count}");
            assert!(!store.installed_marks().installed_host(&host).unwrap().ever(), "the new machine is new: {count}");
            assert!(store.installed_marks().installed(mac(1), None).unwrap().ever(), "{count}");
            assert_eq!(store.hosts().replaces(&host).unwrap(), None, "{count}");
            for mac in [mac(1), mac(10)] {
                let history = store.journal().history(mac).unwrap();
                let lines = history.iter().filter(|line| line.what.as_str() == REPLACED).count();
                assert_eq!(lines, 1, "{count} {mac}");
            }
        }
        if all {
            return;
        }
    }
}

#[test]
fn only_a_stranger_takes_a_place() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        installed(&store);
        let replace = |macs: &[MacAddr]| store.hosts().replace_machine(mac(1), macs, &who(), at(9));
        // It asked, and has a record.
        store.hosts().create(mac(10), &who(), at(3)).unwrap();
        let role = Role { host_type: HostType::TCH, profile: None, event: Event::Armed };
        store.allocations().allocate(mac(2), role, None, &[], &who(), at(1)).unwrap();
        assert!(matches!(replace(&[mac(2)]), Err(StoreError::Taken(_))));
        assert!(matches!(replace(&[mac(10), mac(1)]), Err(StoreError::Edit { .. })));
        assert!(matches!(replace(&[]), Err(StoreError::Edit { .. })));
        assert!(matches!(replace(&[mac(10), mac(10)]), Err(StoreError::Edit { .. })));
        let old = store.permissions().get(mac(1), at(5)).unwrap().unwrap();
        let after = replace(&[mac(10)]).unwrap();
        assert_eq!(after.macs().collect::<Vec<_>>(), [mac(10)]);
        assert!(store.ended_marks().why(&old.id).unwrap().is_some(), "its permission ended, also in a copy");
    }
}
