// SPDX-License-Identifier: GPL-3.0-or-later
//! Each host gets an address and a name of its own, and keeps them.

use super::allocate::reserved_for_operators;
use super::*;
use crate::files::{Lock, LockKind};
use crate::host::{Event, Who};
use crate::store::Store;
use crate::store::testing::{store, stores};
use crate::types::{HostName, HostType, Timestamp};
use std::collections::BTreeSet;

const ROLE: Role = Role { host_type: HostType::SCH, profile: None, event: Event::TypeChosen };

fn mac(n: u32) -> MacAddr {
    format!("5254{n:08x}").parse().unwrap()
}

fn place(store: &Store, n: u32) -> Result<Host, StoreError> {
    store.allocations().allocate(mac(n), ROLE, None, &[], &Who::operator("test", "root"), Timestamp::from_unix(1))
}

#[test]
fn many_at_once_get_different_allocations_and_the_same_ones_again() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.41") {
        let ask = || -> BTreeSet<(MacAddr, Option<Ipv4Addr>, Option<HostName>)> {
            std::thread::scope(|scope| {
                let asking: Vec<_> = (0..40)
                    .map(|n| {
                        let store = &store;
                        scope.spawn(move || place(store, n).unwrap())
                    })
                    .collect();
                asking.into_iter().map(|a| a.join().unwrap()).map(|h| (h.mac(), h.address, h.name)).collect()
            })
        };
        let first = ask();
        assert_eq!(first.iter().map(|(_, address, _)| address).collect::<BTreeSet<_>>().len(), 40);
        assert_eq!(first.iter().map(|(.., name)| name).collect::<BTreeSet<_>>().len(), 40);
        assert_eq!(ask(), first);
        let full = place(&store, 99).unwrap_err();
        assert_eq!(
            full.to_string(),
            "no free address: all of network.host_range 10.0.0.2-10.0.0.41 are taken; widen it in the cluster file"
        );
    }
}

#[test]
fn requests_leave_some_addresses_to_the_operator() {
    assert_eq!([4, 5, 19, 20, 130].map(reserved_for_operators), [0, 1, 1, 2, 13]);
    for (_folder, store) in stores("10.0.0.2-10.0.0.6") {
        let request = Who::request(Some("10.0.0.200".parse().unwrap()));
        let ask = |n| store.allocations().allocate(mac(n), ROLE, None, &[], &request, Timestamp::from_unix(1));
        for n in 0..4 {
            ask(n).unwrap();
        }
        let refused = ask(4).unwrap_err().to_string();
        assert_eq!(
            refused,
            "no free address for a request: the last 1 of network.host_range 10.0.0.2-10.0.0.6 are kept for host-state add and arm"
        );
        assert!(store.hosts().find(mac(4)).unwrap().is_none(), "a refusal leaves nothing");
        assert_eq!(place(&store, 5).unwrap().address, Some("10.0.0.6".parse().unwrap()));
        assert_eq!(ask(3).unwrap().address, Some("10.0.0.5".parse().unwrap()), "what it has stays its own");
    }
}

#[test]
fn requests_do_not_fill_the_folder_of_records() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.6") {
        let now = Timestamp::from_unix(1);
        for n in 0..5 + 1024 {
            store.records.put(&Key::host(mac(n)), b"").unwrap();
        }
        let request = Who::request(None);
        assert!(!store.hosts().has_room_for_requests().unwrap());
        let full = store.hosts().create(mac(9_999), &request, now).unwrap_err().to_string();
        assert!(full.contains("1029 records"), "{full}");
        assert!(store.hosts().create(mac(9_999), &Who::operator("test", "root"), now).unwrap());
        for n in 0..2 {
            store.records.remove(&Key::host(mac(n))).unwrap();
        }
        assert!(store.hosts().create(mac(9_998), &request, now).unwrap());
    }
}

#[test]
fn an_allocation_that_a_dead_process_left_is_taken_back() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.3") {
        place(&store, 1).unwrap();
        // An allocation without record, as left by a process that died between the two.
        assert!(
            store
                .records
                .create_if_absent(&Key::address("10.0.0.3".parse().unwrap()), b"525400000007\n")
                .unwrap()
                .is_done()
        );
        assert_eq!(place(&store, 2).unwrap().address, Some("10.0.0.3".parse().unwrap()));
        assert!(matches!(place(&store, 3), Err(StoreError::NoFreeAddress { .. })));
    }
}

#[test]
fn a_file_that_is_no_allocation_is_not_removed() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.3") {
        let write = |text: &str| store.records.put(&Key::address("10.0.0.2".parse().unwrap()), text.as_bytes());
        write("precious\n").unwrap();
        assert_eq!(place(&store, 1).unwrap().address, Some("10.0.0.3".parse().unwrap()));
        assert!(matches!(place(&store, 2), Err(StoreError::NoFreeAddress { .. })));
        write("").unwrap();
        assert_eq!(place(&store, 2).unwrap().address, Some("10.0.0.2".parse().unwrap()));
    }
}

#[test]
fn whoever_holds_the_lock_is_named() {
    let (_folder, store) = store("10.0.0.2-10.0.0.3");
    let path = store.paths.allocation_lock();
    let held = AllocationLock::wait(&store.paths).unwrap();
    let busy = StoreError::from(Lock::try_take(&path, LockKind::Shared).unwrap_err()).to_string();
    let pid = std::process::id();
    assert!(busy.contains(&format!("allocation.lock: busy, process {pid} (")), "{busy}");
    drop(held);
    let record = store.paths.host(mac(1));
    let lock = record.path().with_file_name(format!(".{}.toml.lock", mac(1)));
    std::fs::create_dir(&lock).unwrap();
    let error = place(&store, 1).unwrap_err().to_string();
    assert!(error.contains(".toml.lock: this is not a regular file") && error.contains("remove it"), "{error}");
}

#[test]
fn an_allocation_of_an_unreadable_record_stays() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.2") {
        place(&store, 1).unwrap();
        store.records.put(&Key::host(mac(1)), b"broken").unwrap();
        assert!(matches!(place(&store, 2), Err(StoreError::NoFreeAddress { .. })));
    }
}

#[test]
fn an_allocation_that_is_refused_leaves_nothing() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let who = Who::operator("test", "root");
        let first = place(&store, 1).unwrap();
        let values = || -> BTreeSet<String> {
            store.allocations().list().unwrap().into_iter().map(|allocation| allocation.value).collect()
        };
        let before = values();
        // The address is free, and the name is not.
        let refused =
            store.allocations().allocate(mac(2), ROLE, first.name.as_ref(), &[], &who, Timestamp::from_unix(1));
        assert!(matches!(refused, Err(StoreError::Taken(_))));
        assert_eq!(values(), before);
    }
}

#[test]
fn a_value_that_is_taken_leaves_the_others_of_a_record_protected() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let first = place(&store, 1).unwrap();
        let mut by_hand = place(&store, 3).unwrap();
        by_hand.name = first.name;
        by_hand.address = Some("10.0.0.9".parse().unwrap());
        by_hand.set_further_macs(&[mac(33)]).unwrap();
        let refused = store.allocations().complete(&by_hand, Timestamp::from_unix(2));
        assert!(matches!(refused, Err(StoreError::Taken(_))));
        let all = store.allocations().list().unwrap().into_iter();
        let mine = all.filter(|allocation| matches!(allocation.holder, Ok(Some(holder)) if holder == mac(3)));
        let mine: BTreeSet<String> = mine.map(|allocation| allocation.value).collect();
        assert!(mine.contains("10.0.0.9") && mine.contains(&mac(33).to_string()), "{mine:?}");
    }
}
