// SPDX-License-Identifier: GPL-3.0-or-later
//! A process that dies after each change of a replacement: what it leaves is safe, and the same command finishes it.

use super::*;
use crate::host::Event;
use crate::store::records::Change;
use crate::store::testing::{at, mac, permission, stores, who};
use crate::store::{Role, Store};
use crate::types::HostType;

/// As `host-state replace-nic` by the old MAC if it is of a host, otherwise by the new one.
fn run(store: &Store) {
    let hosts = store.hosts();
    let mut host = hosts.find(mac(1)).unwrap().or_else(|| hosts.find(mac(10)).unwrap()).unwrap();
    if host.mac() == mac(1) {
        host = hosts.replace_card(mac(1), mac(1), mac(10), &who(), at(9)).unwrap();
    }
    assert!(hosts.finish_card(&host, mac(1), mac(10), &who(), at(9)).unwrap());
    store.allocations().complete(&host, at(9)).unwrap();
}

/// Makes the first changes of the replacement, and returns whether these were all.
fn dies_after(store: &Store, count: usize) -> bool {
    let hosts = store.hosts();
    let (before, document) = hosts.own(mac(1)).unwrap().unwrap();
    let after = hosts.preview_card(&before, mac(1), mac(10)).unwrap();
    hosts.begin_card(&before, &after, mac(1), mac(10), &who(), at(9)).unwrap();
    let locked = AllocationLock::wait(&store.paths).unwrap();
    let transaction = hosts.card_moved(&locked, (&before, &document), &after).unwrap();
    for change in transaction.changes().iter().take(count) {
        match change {
            Change::Put(key, bytes) => store.records.put(key, bytes).unwrap(),
            Change::Remove(key) => store.records.remove(key).unwrap(),
        }
    }
    count >= transaction.changes().len()
}

#[test]
fn a_replacement_that_dies_leaves_no_permission_to_the_old_card_and_is_finished() {
    for count in 0.. {
        let mut all = false;
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let role = Role { host_type: HostType::SCH, profile: None, event: Event::Armed };
            store.allocations().allocate(mac(1), role, None, &[], &who(), at(1)).unwrap();
            store.permissions().give(&permission(1, PermissionSource::Operator)).unwrap();
            let install_log = store.paths.host_log_dir().join(format!("{}.install-1.log", mac(1)));
            std::fs::write(&install_log, "installed").unwrap();
            all = dies_after(&store, count);
            let has = |key: &Key| store.records.get(key).unwrap().is_some();
            let (old, new) = (has(&Key::permission(mac(1))), has(&Key::permission(mac(10))));
            assert!(!(old && (new || has(&Key::host(mac(10))))), "the old card has a permission after {count}");
            run(&store);
            assert!(!has(&Key::permission(mac(1))) && !has(&Key::host(mac(1))), "{count}");
            assert_eq!(has(&Key::permission(mac(10))), new || count == 0, "{count}");
            let host = store.hosts().find(mac(10)).unwrap().unwrap();
            assert!(store.allocations().has_all_of(&host).unwrap(), "{count}");
            let notes = |mac| {
                let history = store.journal().history(mac).unwrap();
                history.iter().filter(|line| line.what.as_str() == REPLACED).count()
            };
            assert_eq!((notes(mac(10)), notes(mac(1))), (1, 1), "{count}");
            assert!(!install_log.exists(), "{count}");
        }
        if all {
            return;
        }
    }
}

/// Without name and address nothing but the history says that two records are of one host.
#[test]
fn a_replacement_of_a_bare_host_that_dies_is_finished() {
    for count in 0.. {
        let mut all = false;
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            store.hosts().create(mac(1), &who(), at(1)).unwrap();
            all = dies_after(&store, count);
            let host = store.hosts().find(mac(10)).unwrap();
            if let Some(host) = host.filter(|_| store.hosts().find(mac(1)).unwrap().is_some()) {
                assert!(store.hosts().half_replaced(&host, mac(1), mac(10)).unwrap().is_some(), "by the new MAC");
            }
            run(&store);
            assert!(store.hosts().find(mac(1)).unwrap().is_none(), "{count}");
            assert_eq!(store.hosts().find(mac(10)).unwrap().unwrap().macs().collect::<Vec<_>>(), [mac(10)], "{count}");
        }
        if all {
            return;
        }
    }
}

#[test]
fn two_bare_hosts_are_two_hosts() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        for n in [1, 10] {
            store.hosts().create(mac(n), &who(), at(1)).unwrap();
        }
        let replaced = store.hosts().replace_card(mac(1), mac(1), mac(10), &who(), at(9));
        assert!(matches!(replaced, Err(StoreError::Taken(_))), "{replaced:?}");
        // Also if the one replaced the other once.
        store.hosts().replace_card(mac(1), mac(1), mac(11), &who(), at(9)).unwrap();
        store.hosts().create(mac(1), &who(), at(10)).unwrap();
        let replaced = store.hosts().replace_card(mac(1), mac(1), mac(11), &who(), at(11));
        assert!(matches!(replaced, Err(StoreError::Taken(_))), "{replaced:?}");
    }
}

#[test]
fn the_logs_of_two_cards_that_change_places_go_to_the_new_first_one() {
    for (old, new) in [(1, 2), (2, 1)] {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            store.hosts().create(mac(1), &who(), at(1)).unwrap();
            let edit = Edit { macs: Some(vec![mac(1), mac(2)]), ..Edit::default() };
            store.hosts().edit(mac(1), &edit, &Line::lossy("set"), &who(), at(2)).unwrap();
            let log = |n| store.paths.host_log_dir().join(format!("{}.log", mac(n)));
            std::fs::write(log(1), "2026-11-29T00:00:00Z booted\n").unwrap();
            let host = store.hosts().replace_card(mac(1), mac(old), mac(new), &who(), at(9)).unwrap();
            assert_eq!(host.macs().collect::<Vec<_>>(), [mac(2), mac(1)]);
            assert!(log(2).exists() && !log(1).exists(), "{old} {new}");
        }
    }
}

#[test]
fn a_left_permission_of_the_old_card_is_removed_by_the_same_command() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let role = Role { host_type: HostType::SCH, profile: None, event: Event::Armed };
        store.allocations().allocate(mac(1), role, None, &[], &who(), at(1)).unwrap();
        run(&store);
        store.permissions().give(&permission(1, PermissionSource::Operator)).unwrap();
        run(&store);
        assert!(store.records.get(&Key::permission(mac(1))).unwrap().is_none());
    }
}
