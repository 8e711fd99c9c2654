// SPDX-License-Identifier: GPL-3.0-or-later
//! Changes of an administrator: what is claimed, refused, remembered and released.

use super::*;
use crate::host::{Grant, HostState, Permission, PermissionId, PermissionSource};
use crate::store::testing::stores;
use crate::store::{AllocationKind, Key, Role, Store};
use crate::types::{HostName, HostType};
use std::net::Ipv4Addr;

const ROLE: Role = Role { host_type: HostType::SCH, profile: None, event: crate::host::Event::TypeChosen };

fn mac(n: u32) -> MacAddr {
    format!("5254{n:08x}").parse().unwrap()
}

fn who() -> Who {
    Who::operator("test", "root")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn edit(store: &Store, n: u32, edit: &Edit) -> Result<Host, StoreError> {
    store.hosts().edit(mac(n), edit, &Line::lossy("set by hand"), &who(), at(5))
}

fn name(text: &str) -> Edit {
    Edit { name: Some(Some(text.parse().unwrap())), ..Edit::default() }
}

fn address(last: u8) -> Edit {
    Edit { address: Some(Some(Ipv4Addr::new(10, 0, 0, last))), ..Edit::default() }
}

fn macs(list: &[u32]) -> Edit {
    Edit { macs: Some(list.iter().map(|n| mac(*n)).collect()), ..Edit::default() }
}

/// The text of a record, which a person may edit.
fn text_of(store: &Store, n: u32) -> String {
    store.records.text(&Key::host(mac(n))).unwrap().unwrap().text
}

fn write(store: &Store, n: u32, text: &str) {
    store.records.put(&Key::host(mac(n)), text.as_bytes()).unwrap();
}

fn place(store: &Store, n: u32) -> Host {
    store.allocations().allocate(mac(n), ROLE, None, &[], &who(), at(1)).unwrap()
}

#[test]
fn a_name_has_one_holder_and_is_released() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        place(&store, 1);
        place(&store, 2);
        let taken = edit(&store, 2, &name("sch-001")).unwrap_err();
        assert_eq!(taken.to_string(), "host name sch-001 belongs to host 52:54:00:00:00:01");
        edit(&store, 1, &name("backup")).unwrap();
        edit(&store, 2, &name("sch-001")).unwrap();
        let holder = |text: &str| store.hosts().mac_by_name(&text.parse::<HostName>().unwrap()).unwrap();
        assert_eq!((holder("backup"), holder("sch-001"), holder("sch-002")), (Some(mac(1)), Some(mac(2)), None));
        let names: Vec<String> = store
            .allocations()
            .list()
            .unwrap()
            .into_iter()
            .filter(|c| c.kind == AllocationKind::Name)
            .map(|c| c.value)
            .collect();
        assert_eq!(names, ["backup", "sch-001"], "what nobody has is not claimed");
    }
}

#[test]
fn an_address_is_claimed_or_refused() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        place(&store, 1);
        place(&store, 2);
        for (last, words) in [(3, "belongs to host"), (1, "cannot be a host's"), (0, "cannot be"), (200, "dhcp_range")]
        {
            let error = edit(&store, 1, &address(last)).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let moved = edit(&store, 1, &address(100)).unwrap();
        assert_eq!(moved.address, Some(Ipv4Addr::new(10, 0, 0, 100)));
        // The old one is free again, and the new one is not.
        assert_eq!(place(&store, 3).address, Some(Ipv4Addr::new(10, 0, 0, 2)));
        assert!(edit(&store, 3, &address(100)).is_err());
    }
}

#[test]
fn a_host_is_found_by_each_of_its_macs() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let first = place(&store, 1);
        edit(&store, 1, &macs(&[1, 11, 12])).unwrap();
        for n in [1, 11, 12] {
            assert_eq!(store.hosts().find(mac(n)).unwrap().unwrap().mac(), mac(1));
        }
        // Whatever is done by another of its MACs is done to the same record.
        assert_eq!(place(&store, 11).address, first.address);
        assert!(!store.hosts().create(mac(12), &who(), at(2)).unwrap());
        store
            .hosts()
            .change(mac(12), &who(), at(3), |host| {
                host.reason = Some(Line::lossy("seen"));
                Ok::<_, StoreError>(Some((Line::lossy("noted"), None)))
            })
            .unwrap();
        assert_eq!(store.hosts().list().unwrap().len(), 1);
        assert!(store.journal().history(mac(1)).unwrap().iter().any(|l| l.what.as_str() == "noted"));
        // One MAC, one host.
        place(&store, 2);
        let taken = edit(&store, 2, &macs(&[2, 12])).unwrap_err().to_string();
        assert!(taken.contains("52:54:00:00:00:0c belongs to sch-001"), "{taken}");
        let taken = edit(&store, 2, &macs(&[2, 1])).unwrap_err().to_string();
        assert!(taken.contains("belongs to sch-001"), "{taken}");
        // Given back, it is a stranger again.
        edit(&store, 1, &macs(&[1, 11])).unwrap();
        assert!(store.hosts().find(mac(12)).unwrap().is_none());
        edit(&store, 2, &macs(&[2, 12])).unwrap();
    }
}

#[test]
fn a_claim_of_a_mac_that_its_record_does_not_confirm_is_nothing() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        place(&store, 1);
        store.records.put(&Key::further_mac(mac(9)), format!("{}\n", mac(1)).as_bytes()).unwrap();
        assert!(store.hosts().find(mac(9)).unwrap().is_none());
        place(&store, 2);
        edit(&store, 2, &macs(&[2, 9])).unwrap();
        assert_eq!(store.hosts().find(mac(9)).unwrap().unwrap().mac(), mac(2));
        // A record that cannot be read answers for all its MACs.
        store.records.put(&Key::host(mac(2)), b"broken").unwrap();
        assert!(store.hosts().find(mac(9)).is_err());
        assert!(edit(&store, 1, &macs(&[1, 9])).is_err());
    }
}

#[test]
fn the_past_of_one_mac_is_the_past_of_all() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        store.installed_marks().mark_mac(mac(12), at(1)).unwrap();
        let host = place(&store, 1);
        assert_eq!(store.installed_marks().installed_host(&host).unwrap().last(), None);
        let host = edit(&store, 1, &macs(&[1, 12])).unwrap();
        assert_eq!(store.installed_marks().installed_host(&host).unwrap().last().map(|mark| mark.at()), Some(at(1)));
        // And when they part each takes it along.
        edit(&store, 1, &macs(&[1])).unwrap();
        assert!(store.installed_marks().installed(mac(1), None).unwrap().ever());
        assert!(store.installed_marks().installed(mac(12), None).unwrap().ever());
        let installed = Edit { state: Some(HostState::Installed), ..Edit::default() };
        edit(&store, 2, &installed).unwrap();
        assert!(store.installed_marks().installed(mac(2), None).unwrap().ever());
    }
}

#[test]
fn what_a_machine_was_permitted_for_itself_ends_when_it_joins_a_host() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        place(&store, 1);
        let grant = Grant {
            mac: mac(9),
            host_type: HostType::SCH,
            profile: None,
            distro: "x86_64-linux-debian-12".parse().unwrap(),
            wipe: Vec::new(),
            given_by: Line::lossy("root"),
            given_at: at(0),
            expires: at(100),
            reason: Line::lossy("test"),
        };
        let permission = Permission::new(PermissionId::from_random([7; 16]), PermissionSource::Operator, grant);
        store.permissions().give(&permission).unwrap();
        edit(&store, 1, &macs(&[1, 9])).unwrap();
        assert_eq!(store.permissions().get(mac(9), at(5)).unwrap(), None);
    }
}

#[test]
fn a_hand_edit_is_claimed_when_asked() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let host = place(&store, 1);
        assert!(store.allocations().has_all_of(&host).unwrap());
        let text = text_of(&store, 1);
        let by_hand =
            text.replace("\"525400000001\"", "\"525400000001\", \"525400000009\"").replace("10.0.0.2", "10.0.0.7");
        write(&store, 1, &by_hand);
        assert!(store.hosts().find(mac(9)).unwrap().is_none(), "not before it is claimed");
        let host = store.hosts().find(mac(1)).unwrap().unwrap();
        assert!(!store.allocations().has_all_of(&host).unwrap());
        store.allocations().complete(&host, at(9)).unwrap();
        assert_eq!(store.hosts().find(mac(9)).unwrap().unwrap().mac(), mac(1));
        assert!(edit(&store, 2, &address(7)).is_err());
        // A MAC that has a record of its own, or is another host's, is not taken by writing it down.
        place(&store, 3);
        for (n, foreign) in [(1, 3), (1, 9)] {
            let other = if foreign == 9 { 3 } else { n };
            let text = text_of(&store, other);
            let host = store.hosts().find(mac(other)).unwrap().unwrap();
            let listed: Vec<String> =
                host.macs().chain([mac(foreign)]).map(|m| format!("{:?}", m.to_string())).collect();
            let line = text.lines().find(|l| l.starts_with("macs")).unwrap().to_owned();
            write(&store, other, &text.replace(&line, &format!("macs = [{}]", listed.join(", "))));
            let host = store.hosts().find(mac(other)).unwrap().unwrap();
            assert!(
                matches!(store.allocations().complete(&host, at(9)), Err(StoreError::Taken(_))),
                "{foreign} by {other}"
            );
            write(&store, other, &text);
        }
        assert_eq!(store.hosts().find(mac(3)).unwrap().unwrap().mac(), mac(3));
        assert_eq!(store.hosts().find(mac(9)).unwrap().unwrap().mac(), mac(1));
    }
}

#[test]
fn a_mac_that_was_added_by_hand_has_the_past_of_its_host() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        place(&store, 1);
        store.installed_marks().mark_mac(mac(1), at(2)).unwrap();
        let text = text_of(&store, 1);
        let line = text.lines().find(|line| line.starts_with("macs")).unwrap();
        write(&store, 1, &text.replace(line, &format!("macs = [\"{}\", \"{}\"]", mac(1), mac(9))));
        let host = store.hosts().find(mac(1)).unwrap().unwrap();
        store.allocations().complete(&host, at(5)).unwrap();
        assert_eq!(store.installed_marks().installed(mac(9), None).unwrap().last().map(|mark| mark.at()), Some(at(2)));
        // Also where an older version has claimed it already.
        store.records.remove(&Key::installed_mark(mac(9))).unwrap();
        store.allocations().complete(&host, at(5)).unwrap();
        assert!(store.installed_marks().installed(mac(9), None).unwrap().ever());
    }
}
