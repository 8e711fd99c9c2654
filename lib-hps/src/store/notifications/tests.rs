// SPDX-License-Identifier: GPL-3.0-or-later
//! Notifications keep their order, and none is lost or stops a change.

use super::notification::RETRY_SECONDS;
use super::*;
use crate::host::{Event, Who};
use crate::store::Store;
use crate::store::testing::store;
use crate::types::MacAddr;

fn mac(number: u8) -> MacAddr {
    format!("5254000000{number:02x}").parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds)
}

fn site() -> (tempfile::TempDir, Store) {
    let (folder, mut store) = store("10.0.0.2-10.0.0.9");
    store.cluster.install.notify = Some("/usr/local/sbin/hps-mail".parse().unwrap());
    (folder, store)
}

fn set(store: &Store, number: u8, state: HostState, now: Timestamp) {
    let who = Who::operator("test", "root");
    store
        .hosts()
        .change(mac(number), &who, now, |host| {
            host.apply(Event::SetByOperator(state), now).unwrap();
            host.reason = (state == HostState::Failed).then(|| Line::lossy("no disk"));
            Ok::<_, StoreError>(Some((Line::lossy("set"), None)))
        })
        .unwrap();
}

fn told(store: &Store) -> Vec<Notification> {
    store
        .notifications()
        .lock_queue()
        .unwrap()
        .waiting()
        .unwrap()
        .into_iter()
        .map(|w| w.notification.unwrap())
        .collect()
}

#[test]
fn only_the_move_to_installed_or_failed_is_queued_in_its_order() {
    let (_folder, store) = site();
    for (host, state) in [
        (1, HostState::Configured),
        (9, HostState::Failed),
        (1, HostState::Failed),
        (1, HostState::Failed),
        (1, HostState::Installed),
        (1, HostState::Reinstall),
        (2, HostState::Installed),
    ] {
        set(&store, host, state, at(0));
    }
    let told = told(&store);
    let seen: Vec<_> = told.iter().map(|n| (n.mac, n.from, n.state, n.reason.as_str())).collect();
    assert_eq!(
        seen,
        [
            (mac(9), HostState::Unconfigured, HostState::Failed, "no disk"),
            (mac(1), HostState::Configured, HostState::Failed, "no disk"),
            (mac(1), HostState::Failed, HostState::Installed, ""),
            (mac(2), HostState::Unconfigured, HostState::Installed, ""),
        ]
    );
}

#[test]
fn without_a_command_nothing_is_left() {
    let (_folder, store) = store("10.0.0.2-10.0.0.9");
    set(&store, 1, HostState::Failed, at(0));
    assert!(told(&store).is_empty());
}

#[test]
fn a_notification_that_cannot_be_left_stops_nothing_and_is_logged() {
    let (_folder, store) = site();
    std::fs::remove_dir(store.paths.notices_dir()).unwrap();
    set(&store, 1, HostState::Failed, at(0));
    assert_eq!(store.hosts().find(mac(1)).unwrap().unwrap().state(), HostState::Failed);
    assert!(store.journal().read_log(mac(1)).unwrap().contains("no notification could be left"));
}

#[test]
fn a_thousand_wait_and_the_oldest_go() {
    let (_folder, store) = site();
    set(&store, 1, HostState::Failed, at(0));
    let host = store.hosts().find(mac(1)).unwrap().unwrap();
    for number in 1..1_000 {
        assert_eq!(store.notifications().add(&host, HostState::Installing, None, at(number)).unwrap(), 0);
    }
    set(&store, 2, HostState::Installed, at(1_000));
    let told = told(&store);
    assert_eq!((told.len(), told[0].time, told[999].mac), (1_000, at(1), mac(2)));
    assert!(store.journal().read_log(mac(2)).unwrap().contains("1 notifications were dropped"));
}

#[test]
fn strange_files_among_them_stop_none() {
    let (_folder, store) = site();
    let folder = store.paths.notices_dir();
    for name in ["4294967295", "4294967294", "899999"] {
        std::fs::write(folder.join(format!("{}-{name}-x.toml", at(0).compact())), "x").unwrap();
    }
    std::fs::create_dir(folder.join("0")).unwrap();
    set(&store, 1, HostState::Failed, at(0));
    set(&store, 2, HostState::Failed, at(0));
    let waiting = store.notifications().lock_queue().unwrap().waiting().unwrap();
    assert_eq!(waiting.iter().filter(|w| w.notification.is_ok()).count(), 2);
    let host = store.hosts().find(mac(1)).unwrap().unwrap();
    for number in 1..1_000 {
        store.notifications().add(&host, HostState::Installing, None, at(number)).unwrap();
    }
}

#[test]
fn one_process_has_the_queue_and_the_second_is_told_which() {
    let (_folder, store) = site();
    let first = store.notifications().lock_queue().unwrap();
    let error = store.notifications().lock_queue().unwrap_err().to_string();
    let begin = format!("host-state notify runs already: process {} (", std::process::id());
    assert!(error.starts_with(&begin), "{error}");
    drop(first);
    store.notifications().lock_queue().unwrap();
}

#[test]
fn a_failure_is_tried_again_five_times_with_growing_pauses() {
    let (_folder, store) = site();
    set(&store, 1, HostState::Failed, at(0));
    let notifications = store.notifications().lock_queue().unwrap();
    let mut now = at(0);
    let mut pauses = Vec::new();
    loop {
        let waiting = notifications.waiting().unwrap().pop().unwrap();
        let notification = waiting.notification.unwrap();
        assert!(notification.is_due(now));
        let Some(again) = notifications.failed(&waiting.name, &notification, now).unwrap() else { break };
        let notification = notifications.waiting().unwrap().pop().unwrap().notification.unwrap();
        assert!(!notification.is_due(now) && notification.is_due(again));
        assert!(notification.is_due(at(-9_000)), "the clock went back");
        pauses.push(again.since(now));
        now = again;
    }
    assert_eq!(pauses, RETRY_SECONDS);
    assert!(notifications.waiting().unwrap().is_empty());
}
