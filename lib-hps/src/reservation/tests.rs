// SPDX-License-Identifier: GPL-3.0-or-later
//! A process that died behind the record: what follows from the record is found, and made once.

use super::*;
use crate::config::{Cluster, HpsConf};
use crate::files::make_dir;
use crate::host::{Event, Grant, Permission, PermissionId, PermissionSource};
use crate::store::Paths;
use crate::types::HostType;

fn site() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let conf = HpsConf::with_base(folder.path()).unwrap();
    for (_, path) in conf.dirs() {
        make_dir(path, 0o755, None).unwrap();
    }
    let mut cluster = Cluster::parse(include_str!("../../../tests/fixtures/lab.cluster")).unwrap();
    cluster.install.notify = Some("/usr/local/sbin/hps-mail".parse().unwrap());
    let paths = Paths::new(conf, cluster.name.clone());
    paths.make_shared(None).unwrap();
    for path in [paths.permissions_dir(), paths.windows_dir()].into_iter().chain(paths.host_entries_dirs()) {
        make_dir(&path, 0o755, None).unwrap();
    }
    (folder, Store::new(paths, cluster))
}

fn mac() -> MacAddr {
    "525400000001".parse().unwrap()
}

fn who() -> Who {
    Who::operator("test", "root")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds)
}

fn host(store: &Store) -> Host {
    store.hosts().find(mac()).unwrap().unwrap()
}

/// A host with a place that is being installed.
fn installing(store: &Store) -> Host {
    let role = Role { host_type: HostType::SCH, profile: None, event: Event::Armed };
    allocate(&Addresses::new(store), mac(), role, None, None, &who(), at(0)).unwrap();
    let grant = Grant {
        mac: mac(),
        host_type: HostType::SCH,
        profile: None,
        distro: "x86_64-linux-debian-12".parse().unwrap(),
        wipe: Vec::new(),
        given_by: Line::lossy("root"),
        given_at: at(1),
        expires: at(9_000),
        reason: Line::lossy(""),
    };
    let permission = Permission::new(PermissionId::from_random([1; 16]), PermissionSource::Operator, grant);
    let permission = store.permissions().give(&permission).unwrap();
    let begin = |host: &mut Host| {
        host.begin_attempt(&(&permission).into(), permission.distro.clone(), None, at(2)).unwrap();
        Ok::<_, StoreError>(Some((Line::lossy("installation begins"), None)))
    };
    store.hosts().change(mac(), &who(), at(2), begin).unwrap()
}

fn held(store: &Store) -> HeldAllocations {
    store.allocations().held().unwrap()
}

fn notifications(store: &Store) -> usize {
    store.notifications().lock_queue().unwrap().waiting().unwrap().len()
}

fn lines(store: &Store, to: HostState) -> usize {
    store.journal().history(mac()).unwrap().iter().filter(|line| line.from != line.to && line.to == to).count()
}

/// Writes a record as a process does that dies right behind it.
fn only_the_record(store: &Store, change: impl FnOnce(&mut Host)) {
    let mut host = host(store);
    change(&mut host);
    std::fs::write(store.paths.host(mac()).path(), host.to_text()).unwrap();
}

#[test]
fn a_reservation_and_claims_that_are_missing_are_made() {
    let (_folder, store) = site();
    let role = Role { host_type: HostType::SCH, profile: None, event: Event::TypeChosen };
    let first = allocate(&Addresses::new(&store), mac(), role, None, None, &who(), at(0)).unwrap();
    assert_eq!(gaps(&store, &first, &held(&store)).unwrap(), []);
    only_the_record(&store, |host| host.address = Some("10.0.0.77".parse().unwrap()));
    assert_eq!(gaps(&store, &host(&store), &held(&store)).unwrap(), [Gap::Allocations, Gap::Stale, Gap::Reservation]);
    assert_eq!(
        complete(&store, &host(&store), &held(&store), &who(), at(5)).unwrap(),
        [Gap::Allocations, Gap::Stale, Gap::Reservation]
    );
    assert!(store.host_entries(EntryKind::Reservation).get(mac()).unwrap().contains("10.0.0.77"));
    only_the_record(&store, |host| host.address = None);
    assert_eq!(complete(&store, &host(&store), &held(&store), &who(), at(5)).unwrap(), [Gap::Stale, Gap::Reservation]);
    assert_eq!(store.host_entries(EntryKind::Reservation).get(mac()), None);
    assert_eq!(complete(&store, &host(&store), &held(&store), &who(), at(5)).unwrap(), []);
}

#[test]
fn the_end_of_an_installation_that_only_the_record_knows_is_told_once() {
    for dies_behind_the_notice in [false, true] {
        let (_folder, store) = site();
        installing(&store);
        only_the_record(&store, |host| {
            host.report(Stage::Installed, &Line::lossy(""), &[], at(50)).unwrap();
        });
        if dies_behind_the_notice {
            store.notifications().add(&host(&store), HostState::Installing, None, at(50)).unwrap();
        }
        // What else is written into the history meanwhile hides nothing.
        store.journal().note(mac(), &who(), at(60), "permission removed", "used up").unwrap();
        store.journal().note(mac(), &who(), at(61), "armed", "").unwrap();
        assert_eq!(store.hosts().unfinished_move(&host(&store)).unwrap(), Some(HostState::Installing));
        assert_eq!(complete(&store, &host(&store), &held(&store), &who(), at(70)).unwrap(), [Gap::History]);
        assert_eq!((notifications(&store), lines(&store, HostState::Installed)), (1, 1));
        assert_eq!(complete(&store, &host(&store), &held(&store), &who(), at(80)).unwrap(), []);
        assert_eq!((notifications(&store), lines(&store, HostState::Installed)), (1, 1));
    }
}

/// Its history was pruned, or did not come back with a copy: the site's command is not called for an installation of last year.
#[test]
fn a_history_that_is_lost_announces_nothing() {
    let (_folder, store) = site();
    installing(&store);
    only_the_record(&store, |host| {
        host.report(Stage::Installed, &Line::lossy(""), &[], at(50)).unwrap();
    });
    std::fs::remove_file(store.paths.history(mac())).unwrap();
    assert_eq!(complete(&store, &host(&store), &held(&store), &who(), at(70)).unwrap(), [Gap::History]);
    assert_eq!((notifications(&store), lines(&store, HostState::Installed)), (0, 1));
    assert_eq!(complete(&store, &host(&store), &held(&store), &who(), at(80)).unwrap(), []);
}

#[test]
fn the_next_move_completes_the_one_before() {
    let (_folder, store) = site();
    installing(&store);
    only_the_record(&store, |host| {
        host.report(Stage::Installed, &Line::lossy(""), &[], at(50)).unwrap();
    });
    let ask = |host: &mut Host| {
        host.apply(Event::ReinstallAsked, at(90)).unwrap();
        Ok::<_, StoreError>(Some((Line::lossy("reinstall asked"), None)))
    };
    store.hosts().change(mac(), &who(), at(90), ask).unwrap();
    assert_eq!(
        (notifications(&store), lines(&store, HostState::Installed), lines(&store, HostState::Reinstall)),
        (1, 1, 1)
    );
    assert_eq!(gaps(&store, &host(&store), &held(&store)).unwrap(), []);
}

#[test]
fn a_record_that_died_behind_the_mark_learns_that_it_is_installed() {
    let (_folder, store) = site();
    let before = installing(&store);
    store.installed_marks().mark_installation(&before, before.attempt.as_ref().unwrap(), at(50)).unwrap();
    assert_eq!(gaps(&store, &before, &held(&store)).unwrap(), [Gap::Ended]);
    assert_eq!(complete(&store, &before, &held(&store), &who(), at(60)).unwrap(), [Gap::Ended]);
    assert_eq!(host(&store).state(), HostState::Installed);
    assert!(store.ended_marks().exists(&PermissionId::from_random([1; 16])).unwrap());
    assert_eq!((notifications(&store), lines(&store, HostState::Installed)), (1, 1));
    assert_eq!(gaps(&store, &host(&store), &held(&store)).unwrap(), []);
}

#[test]
fn what_a_host_had_before_is_released_by_the_next_run() {
    let (_folder, store) = site();
    installing(&store);
    let before = host(&store);
    // As a process does that dies between the record and the release of the old values.
    only_the_record(&store, |host| {
        host.name = Some("backup".parse().unwrap());
        host.address = Some("10.0.0.9".parse().unwrap());
    });
    store.allocations().complete(&host(&store), at(5)).unwrap();
    reserve(&store, &host(&store)).unwrap();
    assert_eq!(gaps(&store, &host(&store), &held(&store)).unwrap(), [Gap::Stale]);
    assert_eq!(complete(&store, &host(&store), &held(&store), &who(), at(5)).unwrap(), [Gap::Stale]);
    assert_eq!(gaps(&store, &host(&store), &held(&store)).unwrap(), []);
    let left: Vec<String> =
        store.allocations().list().unwrap().into_iter().map(|allocation| allocation.value).collect();
    assert_eq!(left, ["10.0.0.9", "backup"]);
    assert!(!left.contains(&before.name.unwrap().to_string()));
}

#[test]
fn a_claim_is_stale_by_the_record_of_now_and_not_by_one_that_was_read_before() {
    let (_folder, store) = site();
    installing(&store);
    let held = held(&store);
    let mut other = host(&store);
    other.name = Some("backup".parse().unwrap());
    assert_eq!(held.stale(&other).count(), 1);
    store.allocations().release_stale(&other, &held).unwrap();
    assert!(store.allocations().has_all_of(&host(&store)).unwrap());
}

#[test]
fn each_mac_of_a_host_whose_end_was_cut_short_gets_its_mark() {
    let (_folder, store) = site();
    installing(&store);
    let further: MacAddr = "525400000002".parse().unwrap();
    let edit = crate::host::Edit { macs: Some(vec![mac(), further]), ..Default::default() };
    let before = store.hosts().edit(mac(), &edit, &Line::lossy("test"), &who(), at(3)).unwrap();
    reserve(&store, &before).unwrap();
    // Only the first of the two marks was made.
    store.installed_marks().mark_success(&before, before.attempt.as_ref().unwrap(), at(50)).unwrap();
    std::fs::remove_file(store.paths.ever_installed(further).path()).unwrap();
    assert_eq!(complete(&store, &before, &held(&store), &who(), at(60)).unwrap(), [Gap::Ended]);
    let mark = store.installed_marks().mark_of(further).unwrap().unwrap();
    assert_eq!(mark.permission(), before.attempt.as_ref().map(|attempt| &attempt.permission));
}
