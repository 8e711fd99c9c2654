// SPDX-License-Identifier: GPL-3.0-or-later
//! Each rung of the ladder, and the promise that a host with a system keeps it.

use super::*;
use crate::boot::identity::Proof;
use crate::host::{Event, PermissionId};
use crate::types::{HostType, Stage};

const CLUSTER: &str = include_str!("../../../tests/fixtures/lab.cluster");

fn cluster(enrolment: &str) -> Cluster {
    Cluster::parse(&CLUSTER.replace("\"menu\"", &format!("{enrolment:?}"))).unwrap()
}

fn mac() -> MacAddr {
    "525400000001".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn permission(source: PermissionSource) -> Permission {
    Permission::new(
        PermissionId::from_random([1; 16]),
        mac(),
        HostType::Sch,
        None,
        "x86_64-linux-rockylinux-10.1".parse().unwrap(),
        false,
        Line::lossy("root"),
        at(0),
        at(1_000),
        Line::lossy("test"),
        source,
    )
}

fn host(state: HostState) -> Host {
    let mut host = Host::new(mac(), at(0));
    host.apply(Event::SetByOperator(state), at(0)).unwrap();
    host
}

fn facts<'a>(cluster: &'a Cluster, host: Option<&'a Host>, permission: Option<&'a Permission>) -> Facts<'a> {
    Facts {
        cluster,
        mac: mac(),
        host: Ok(host),
        permission,
        ever_installed: None,
        identity: Identity::Proven(Proof::ReservedAddress),
        source: Ok(Source::Tree { path: "t".to_owned() }),
        now: at(500),
    }
}

#[test]
fn a_live_permission_gives_the_installer_in_every_state() {
    let cluster = cluster("armed");
    let permission = permission(PermissionSource::Operator);
    for state in HostState::ALL {
        let host = host(state);
        let mut facts = facts(&cluster, Some(&host), Some(&permission));
        assert!(matches!(decide(&facts), Decision::Install(_)), "{state}");
        facts.ever_installed = Some(at(1));
        assert!(matches!(decide(&facts), Decision::Install(_)), "{state}");
    }
    assert!(matches!(decide(&facts(&cluster, None, Some(&permission))), Decision::Install(i) if i.attempt == 1));
}

#[test]
fn without_one_a_host_that_was_ever_installed_boots_its_disk_whatever_else_is_true() {
    let mut expired = permission(PermissionSource::Operator);
    expired.expires = at(500);
    let menu = permission(PermissionSource::Menu);
    for enrolment in ["menu", "armed"] {
        let cluster = cluster(enrolment);
        for permission in [None, Some(&expired), Some(&menu)] {
            for state in HostState::ALL {
                let host = host(state);
                let facts = Facts { ever_installed: Some(at(1)), ..facts(&cluster, Some(&host), permission) };
                assert_eq!(decide(&facts), Decision::LocalBoot(None), "{state} {permission:?}");
            }
            let unknown = Facts { ever_installed: Some(at(1)), ..facts(&cluster, None, permission) };
            assert_eq!(decide(&unknown), Decision::LocalBoot(None));
            let unreadable = Facts { host: Err("line 3"), ..unknown };
            assert!(matches!(decide(&unreadable), Decision::LocalBoot(Some(_))));
        }
    }
}

#[test]
fn a_permission_is_worth_nothing_to_a_stranger() {
    let cluster = cluster("menu");
    let permission = permission(PermissionSource::Operator);
    let stranger = "525400000009".parse().unwrap();
    for identity in [Identity::Unknown, Identity::Foreign(stranger)] {
        let known = host(HostState::Configured);
        let never = Facts { identity, ..facts(&cluster, Some(&known), Some(&permission)) };
        assert!(matches!(decide(&never), Decision::Stop(_)));
        let ever = Facts { ever_installed: Some(at(1)), ..never };
        assert!(matches!(decide(&ever), Decision::LocalBoot(Some(_))));
    }
}

#[test]
fn attempts_are_bounded() {
    let cluster = cluster("menu");
    let permission = permission(PermissionSource::Operator);
    let mut host = host(HostState::Configured);
    for attempt in 1..=3 {
        let Decision::Install(install) = decide(&facts(&cluster, Some(&host), Some(&permission))) else {
            panic!("attempt {attempt}");
        };
        assert_eq!(install.of_permission, attempt);
        host.begin_attempt(&permission.id, permission.distro.clone(), None, at(500)).unwrap();
    }
    assert_eq!(decide(&facts(&cluster, Some(&host), Some(&permission))), Decision::GiveUp { attempts: 3 });
    host.apply(Event::GaveUp, at(500)).unwrap();
    assert!(matches!(
        decide(&facts(&cluster, Some(&host), Some(&permission))),
        Decision::Menu(MenuPage::Main, Some(_))
    ));
}

#[test]
fn others_get_the_menu_or_wait() {
    let (menu, armed) = (cluster("menu"), cluster("armed"));
    assert_eq!(decide(&facts(&menu, None, None)), Decision::Menu(MenuPage::Main, None));
    assert_eq!(decide(&facts(&armed, None, None)), Decision::Wait);
    let configured = host(HostState::Configured);
    assert_eq!(decide(&facts(&menu, Some(&configured), None)), Decision::Menu(MenuPage::Install, None));
    let mut failed = host(HostState::Configured);
    failed
        .begin_attempt(&PermissionId::from_random([1; 16]), "x86_64-linux-debian-12".parse().unwrap(), None, at(1))
        .unwrap();
    failed.report(Stage::Failed, &Line::lossy("disk full"), &[], at(2)).unwrap();
    match decide(&facts(&menu, Some(&failed), None)) {
        Decision::Menu(MenuPage::Main, Some(notice)) => assert!(notice.as_str().contains("disk full")),
        other => panic!("{other:?}"),
    }
    let unreadable = Facts { host: Err("line 3: state"), ..facts(&menu, None, None) };
    assert!(matches!(decide(&unreadable), Decision::Stop(why) if why.as_str().contains("line 3")));
}

#[test]
fn what_is_missing_is_said() {
    let cluster = cluster("menu");
    let permission = permission(PermissionSource::Operator);
    let facts = Facts { source: Err("no image is published".to_owned()), ..facts(&cluster, None, Some(&permission)) };
    assert!(matches!(decide(&facts), Decision::Stop(why) if why.as_str().contains("no image")));
}

/// The mark that a permission is used up may be lost, or not be written yet: the record says the same.
#[test]
fn a_permission_is_used_up_when_its_installation_ended_even_without_the_mark() {
    let cluster = cluster("armed");
    let permission = permission(PermissionSource::Operator);
    let mut host = host(HostState::Configured);
    host.begin_attempt(&permission.id, permission.distro.clone(), None, at(400)).unwrap();
    assert!(matches!(decide(&facts(&cluster, Some(&host), Some(&permission))), Decision::Install(_)), "a power cut");
    let earlier = Facts { ever_installed: Some(at(399)), ..facts(&cluster, Some(&host), Some(&permission)) };
    assert!(matches!(decide(&earlier), Decision::Install(_)), "an installation before this one");
    let died_between = Facts { ever_installed: Some(at(400)), ..facts(&cluster, Some(&host), Some(&permission)) };
    assert_eq!(decide(&died_between), Decision::LocalBoot(None));
    for state in HostState::ALL.into_iter().filter(|s| *s != HostState::Installing) {
        host.apply(Event::SetByOperator(state), at(450)).unwrap();
        assert!(!matches!(decide(&facts(&cluster, Some(&host), Some(&permission))), Decision::Install(_)), "{state}");
    }
}

#[test]
fn a_clock_that_went_back_revives_nothing() {
    let cluster = cluster("armed");
    let mut permission = permission(PermissionSource::Operator);
    permission.given_at = at(100_000);
    permission.expires = at(200_000);
    assert_eq!(decide(&facts(&cluster, None, Some(&permission))), Decision::Wait);
}

#[test]
fn an_installation_that_nothing_permits_any_more_is_given_up() {
    for enrolment in ["menu", "armed"] {
        let cluster = cluster(enrolment);
        let permission = permission(PermissionSource::Operator);
        let mut host = host(HostState::Configured);
        host.begin_attempt(&permission.id, permission.distro.clone(), None, at(400)).unwrap();
        let expired = Facts { now: at(1_000), ..facts(&cluster, Some(&host), Some(&permission)) };
        assert_eq!(decide(&expired), Decision::GiveUp { attempts: 1 });
        assert_eq!(decide(&facts(&cluster, Some(&host), None)), Decision::GiveUp { attempts: 1 });
    }
}
