// SPDX-License-Identifier: GPL-3.0-or-later

use super::super::testing::{at, mac, stores, who};
use super::*;
use crate::host::{EraseGrant, EraseResult, HostState, NoErase, PermissionId};
use crate::store::Store;
use crate::types::{FirmwareInfo, Line};

fn permission(n: u8, host: &Host) -> ErasePermission {
    let grant = EraseGrant {
        disks: vec!["S1".parse().unwrap(), "S2".parse().unwrap()],
        given_by: Line::lossy("root"),
        given_at: at(5),
        expires: at(100),
        reason: Line::lossy("sold"),
    };
    ErasePermission::new(PermissionId::from_random([n; 16]), host, grant)
}

fn host(store: &Store) -> Host {
    crate::files::make_dir(&store.paths.erase_permissions_dir(), 0o755, None).unwrap();
    store.hosts().create(mac(1), &who(), at(1)).unwrap();
    store.hosts().find(mac(1)).unwrap().unwrap()
}

fn objection(store: &Store, permission: &ErasePermission, now: i64) -> Option<NoErase> {
    let host = store.hosts().find(mac(1)).unwrap().unwrap();
    let installed = store.installed_marks().installed_host(&host).unwrap();
    permission.objection(&installed, &host, &host.firmware, at(now))
}

#[test]
fn it_counts_once_and_until_its_time() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let host = host(&store);
        let erasures = store.erasures();
        assert_eq!(erasures.permission(mac(1)).unwrap(), None, "without its folder too");
        let given = erasures.give(&permission(1, &host), &host).unwrap();
        assert_eq!(erasures.live_permission(mac(1), at(6)).unwrap(), Some(given.clone()));
        assert_eq!(objection(&store, &given, 6), None);
        assert_eq!(objection(&store, &given, 100), Some(NoErase::Expired(at(100))));
        assert_eq!(erasures.live_permission(mac(1), at(100)).unwrap(), None);
        let next = erasures.give(&permission(2, &host), &host).unwrap();
        assert!(erasures.is_ended(&given).unwrap(), "another one took its place");
        erasures.end(&next, "erased").unwrap();
        assert_eq!(erasures.open_permission(mac(1)).unwrap(), None);
        erasures.prune(&who(), at(7)).unwrap();
        assert_eq!(erasures.permission(mac(1)).unwrap(), None);
        let third = erasures.give(&permission(3, &host), &host).unwrap();
        assert_eq!(erasures.revoke(mac(1), "cancelled", at(8)).unwrap(), Some(third.clone()));
        store.records.put(&Key::erase_permission(mac(1)), third.to_text().as_bytes()).unwrap();
        assert_eq!(erasures.open_permission(mac(1)).unwrap(), None, "also if its file comes back");
    }
}

#[test]
fn an_erase_that_the_protocol_ends_is_over_without_its_mark() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let host = host(&store);
        let given = store.erasures().give(&permission(1, &host), &host).unwrap();
        let end = |erasure: &mut Erasure| {
            erasure.ended = Some(at(9));
            erasure.result = Some(EraseResult::Erased);
            Ok::<_, StoreError>(())
        };
        store.erasures().change(&given, at(9), end).unwrap();
        assert_eq!(store.erasures().open_permission(mac(1)).unwrap(), None);
        let protocol = store.erasures().protocol(mac(1)).unwrap();
        assert_eq!(EraseProtocol::parse(&protocol.to_text()).unwrap(), protocol);
    }
}

#[test]
fn a_machine_that_was_installed_or_retired_since_then_is_not_erased() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let host = host(&store);
        let given = store.erasures().give(&permission(1, &host), &host).unwrap();
        store.hosts().retire(mac(1), at(50), &Line::lossy("sold"), &who(), at(7)).unwrap();
        assert!(matches!(objection(&store, &given, 8), Some(NoErase::Older(_))));
        let host = store.hosts().find(mac(1)).unwrap().unwrap();
        let given = store.erasures().give(&permission(2, &host), &host).unwrap();
        assert_eq!(objection(&store, &given, 8), None, "a retired host may be erased");
        store.records.remove(&Key::installed_mark(mac(1))).unwrap();
        assert_eq!(objection(&store, &given, 8), Some(NoErase::MarkLost));
    }
}

#[test]
fn another_machine_with_this_card_is_not_erased() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
        let mut host = host(&store);
        host.firmware.serial = Some(Line::lossy("ABC"));
        let given = store.erasures().give(&permission(1, &host), &host).unwrap();
        let installed = store.installed_marks().installed_host(&host).unwrap();
        let asks = |serial: Option<&str>| {
            let firmware = FirmwareInfo { serial: serial.map(Line::lossy), ..FirmwareInfo::default() };
            given.objection(&installed, &host, &firmware, at(6))
        };
        assert_eq!((asks(Some("ABC")), asks(None)), (None, None));
        assert!(matches!(asks(Some("ABD")), Some(NoErase::OtherMachine { what: "serial", .. })));
        assert!(!HostState::Installing.has_system());
    }
}

#[test]
fn a_file_that_names_no_disk_twice_or_none_is_no_permission() {
    let (_folder, store) = &stores("10.0.0.2-10.0.0.9")[0];
    let host = host(store);
    let text = permission(1, &host).to_text();
    assert!(ErasePermission::parse(&text).is_ok());
    for (from, to) in
        [("\"S1\"", "\"S2\""), ("\"S1\"", "\"none\""), ("[\"S1\", \"S2\"]", "[]"), ("version = 1", "version = 9")]
    {
        assert!(text.contains(from), "{text}");
        assert!(ErasePermission::parse(&text.replace(from, to)).is_err(), "{to}");
    }
}
