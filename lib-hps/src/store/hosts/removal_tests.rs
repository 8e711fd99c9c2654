// SPDX-License-Identifier: GPL-3.0-or-later
//! A host is removed whole, or so far that doing it again finishes it, and nothing of it is installable in between.

use super::*;
use crate::host::{Edit, Event, Grant, Permission, PermissionId, PermissionSource};
use crate::store::testing::store;
use crate::store::{EntryKind, Role, Store};
use crate::types::HostType;

const ROLE: Role = Role { host_type: HostType::SCH, profile: None, event: Event::Armed };

fn mac(n: u32) -> MacAddr {
    format!("5254{n:08x}").parse().unwrap()
}

fn who() -> Who {
    Who::operator("test", "root")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// A host with two MACs, a permission and a reservation.
fn armed(store: &Store, n: u32) -> Host {
    store.allocations().allocate(mac(n), ROLE, None, &[], &who(), at(1)).unwrap();
    let two = Edit { macs: Some(vec![mac(n), mac(n + 100)]), ..Edit::default() };
    let host = store.hosts().edit(mac(n), &two, &Line::lossy("set"), &who(), at(1)).unwrap();
    let grant = Grant {
        mac: mac(n),
        host_type: HostType::SCH,
        profile: None,
        distro: "x86_64-linux-debian-12".parse().unwrap(),
        wipe: Vec::new(),
        given_by: Line::lossy("root"),
        given_at: at(0),
        expires: at(100),
        reason: Line::lossy("test"),
    };
    let permission =
        Permission::new(PermissionId::from_random([u8::try_from(n).unwrap(); 16]), PermissionSource::Operator, grant);
    store.permissions().give(&permission).unwrap();
    store.host_entries(EntryKind::Reservation).save(mac(n), "entry\n").unwrap();
    store.host_entries(EntryKind::Names).save(mac(n), "entry\n").unwrap();
    host
}

#[test]
fn nothing_is_left_but_history_and_the_mark() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let host = armed(&store, 1);
    let other = armed(&store, 2);
    store.installed_marks().mark_mac(mac(1), at(1)).unwrap();
    let left = store.hosts().plan_removal(mac(101)).unwrap();
    assert_eq!((left.mac, left.allocations.len(), left.files.len(), left.permissions.len()), (mac(1), 3, 3, 1));
    store.hosts().remove(mac(101), false, &who(), at(2)).unwrap();
    assert!(store.hosts().plan_removal(mac(1)).unwrap().is_empty());
    assert!(store.hosts().find(mac(1)).unwrap().is_none() && store.hosts().find(mac(101)).unwrap().is_none());
    assert_eq!(store.journal().history(mac(1)).unwrap().last().unwrap().what.as_str(), "removed");
    assert!(store.installed_marks().installed(mac(1), None).unwrap().ever());
    // Even the file of the permission coming back permits nothing.
    store.permissions().give(&left.permissions[0]).unwrap();
    assert_eq!(store.permissions().get(mac(1), at(5)).unwrap(), None);
    // Its place is free, and the other host's is not.
    assert_eq!(store.allocations().allocate(mac(3), ROLE, None, &[], &who(), at(3)).unwrap().address, host.address);
    assert!(store.allocations().has_all_of(&other).unwrap());
}

#[test]
fn the_mark_of_one_mac_is_that_of_all() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let armed = armed(&store, 1);
    store.installed_marks().mark_mac(mac(101), at(1)).unwrap();
    store.hosts().remove(mac(1), false, &who(), at(2)).unwrap();
    assert!(store.installed_marks().installed(mac(1), None).unwrap().ever(), "{}", armed.label());
}

#[test]
fn an_installation_is_removed_by_force_alone() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    let host = armed(&store, 1);
    store
        .hosts()
        .change(mac(1), &who(), at(2), |host| {
            host.apply(Event::AnswerFetched, at(2)).unwrap();
            Ok::<_, StoreError>(Some((Line::lossy("began"), None)))
        })
        .unwrap();
    let refused = store.hosts().remove(mac(1), false, &who(), at(3)).unwrap_err();
    assert!(refused.to_string().contains("is INSTALLING; --force"), "{refused}");
    assert!(
        store.allocations().has_all_of(&host).unwrap() && store.permissions().get(mac(1), at(5)).unwrap().is_some()
    );
    store.hosts().remove(mac(1), true, &who(), at(3)).unwrap();
    assert!(store.hosts().plan_removal(mac(1)).unwrap().is_empty());
}

#[test]
fn a_record_that_may_say_installed_leaves_the_mark() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    armed(&store, 1);
    let text = std::fs::read_to_string(store.paths.host(mac(1)).path()).unwrap();
    std::fs::write(store.paths.host(mac(1)).path(), text.replace("CONFIGURED", "INSTALLED")).unwrap();
    store.hosts().remove(mac(1), false, &who(), at(2)).unwrap();
    assert!(
        store.installed_marks().installed(mac(1), None).unwrap().ever()
            && store.installed_marks().installed(mac(101), None).unwrap().ever()
    );
    armed(&store, 2);
    std::fs::write(store.paths.host(mac(2)).path(), "broken").unwrap();
    assert!(store.hosts().remove(mac(2), false, &who(), at(2)).unwrap_err().to_string().contains("cannot be read"));
    // Named by the other MAC it is the same host.
    store.hosts().remove(mac(102), true, &who(), at(2)).unwrap();
    assert!(
        store.installed_marks().installed(mac(2), None).unwrap().ever()
            && store.installed_marks().installed(mac(102), None).unwrap().ever()
    );
    assert!(store.hosts().plan_removal(mac(2)).unwrap().is_empty());
}

#[test]
fn a_removal_that_was_cut_short_is_finished_by_another() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    armed(&store, 1);
    // As a kill after the record leaves it.
    std::fs::remove_file(store.paths.host(mac(1)).path()).unwrap();
    let left = store.hosts().plan_removal(mac(1)).unwrap();
    assert!(left.record.is_none() && !left.is_empty());
    store.hosts().remove(mac(1), false, &who(), at(2)).unwrap();
    assert!(store.hosts().plan_removal(mac(1)).unwrap().is_empty());
}
