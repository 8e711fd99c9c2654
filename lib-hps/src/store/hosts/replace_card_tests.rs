// SPDX-License-Identifier: GPL-3.0-or-later
//! A process that dies after each change of a replacement: what it leaves is safe, and the same command finishes it.

use super::*;
use crate::host::Event;
use crate::store::records::Change;
use crate::store::testing::{permission, stores};
use crate::store::{Role, Store};
use crate::types::HostType;

fn mac(n: u8) -> MacAddr {
    format!("5254000000{n:02x}").parse().unwrap()
}

fn who() -> Who {
    Who::operator("test", "root")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// As `host-state replace-nic` by the name of the host.
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
    store.journal().copy_history(mac(1), mac(10)).unwrap();
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
            let role = Role { host_type: HostType::Sch, profile: None, event: Event::Armed };
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

#[test]
fn a_left_permission_of_the_old_card_is_removed_by_the_same_command() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let role = Role { host_type: HostType::Sch, profile: None, event: Event::Armed };
        store.allocations().allocate(mac(1), role, None, &[], &who(), at(1)).unwrap();
        run(&store);
        store.permissions().give(&permission(1, PermissionSource::Operator)).unwrap();
        run(&store);
        assert!(store.records.get(&Key::permission(mac(1))).unwrap().is_none());
    }
}
