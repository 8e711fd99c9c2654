// SPDX-License-Identifier: GPL-3.0-or-later
//! Each rung of the ladder, and the promise that a host with a system keeps it.

use super::*;
use crate::boot::identity::Proof;
use crate::host::{Event, Grant, Mark, PermissionId, PermissionRef};
use crate::types::{HostType, Stage};

const CLUSTER: &str = include_str!("../../../tests/fixtures/lab.cluster");

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Reason(&'static str);

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
    let grant = Grant {
        mac: mac(),
        host_type: HostType::SCH,
        profile: None,
        distro: "x86_64-linux-rockylinux-10.1".parse().unwrap(),
        wipe: Vec::new(),
        given_by: Line::lossy("root"),
        given_at: at(0),
        expires: at(1_000),
        reason: Line::lossy("test"),
    };
    Permission::new(PermissionId::from_random([1; 16]), source, grant)
}

/// The decision; with its trace, which must settle on something, and once.
fn told(facts: &Facts<'_>) -> Decision {
    let mut trace = Trace::on();
    let decision = decide(facts, &mut trace);
    let steps = trace.into_steps();
    assert_eq!(steps.iter().filter(|s| s.decides).count(), 1, "{decision:?}: {steps:?}");
    assert!(steps.last().unwrap().decides, "{decision:?}: {steps:?}");
    assert_eq!(decide(facts, &mut Trace::off()), decision);
    decision
}

fn host(state: HostState) -> Host {
    let mut host = Host::new(mac(), at(0));
    host.apply(Event::SetByOperator(state), at(0)).unwrap();
    host
}

/// What a mark of that second says beside a record.
fn installed(mark: Option<i64>, host: Option<&Host>) -> &'static Installed {
    let marks = mark.map(|second| Mark::new(at(second), &"lab".parse().unwrap()));
    Box::leak(Box::new(Installed::new(Some(marks.into_iter().collect()), host)))
}

fn facts<'a>(cluster: &'a Cluster, host: Option<&'a Host>, permission: Option<&'a Permission>) -> Facts<'a> {
    Facts {
        cluster,
        mac: mac(),
        host: Ok(host),
        permission,
        rules_problem: None,
        installed: installed(None, host),
        identity: Identity::Proven(Proof::ReservedAddress),
        remote: None,
        firmware: Box::leak(Box::default()),
        source: Ok(Box::leak(Box::new(Source::Tree { path: Line::lossy("t") }))),
        task: None,
        erase: None,
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
        assert!(matches!(told(&facts), Decision::Install(_)), "{state}");
        facts.installed = installed(Some(1), Some(&host));
        assert!(matches!(told(&facts), Decision::LocalBoot(_)), "{state}: older than the installation");
        let given_after = permission.clone().given_after(facts.installed.names());
        let facts = Facts { permission: Some(&given_after), ..facts };
        assert!(matches!(told(&facts), Decision::Install(_)), "{state}");
    }
    assert!(matches!(told(&facts(&cluster, None, Some(&permission))), Decision::Install(i) if i.attempt == 1));
}

#[test]
fn without_one_a_host_that_was_ever_installed_boots_its_disk_whatever_else_is_true() {
    let mut expired = permission(PermissionSource::Operator);
    expired.expires = at(500);
    let menu = permission(PermissionSource::Menu);
    let rule = permission(PermissionSource::Rule);
    for enrolment in ["menu", "armed"] {
        let cluster = cluster(enrolment);
        for permission in [None, Some(&expired), Some(&menu), Some(&rule)] {
            for state in HostState::ALL {
                let host = host(state);
                let facts =
                    Facts { installed: installed(Some(1), Some(&host)), ..facts(&cluster, Some(&host), permission) };
                match told(&facts) {
                    Decision::LocalBoot(notice) => {
                        assert_eq!(notice.is_some(), state == HostState::Failed, "{state} {permission:?}");
                    }
                    other => panic!("{state} {permission:?}: {other:?}"),
                }
            }
            let unknown = Facts { installed: installed(Some(1), None), ..facts(&cluster, None, permission) };
            assert_eq!(told(&unknown), Decision::LocalBoot(None));
            let unreadable = Facts { host: Err(&Reason("line 3")), ..unknown };
            assert!(matches!(told(&unreadable), Decision::LocalBoot(Some(_))));
        }
    }
}

#[test]
fn a_permission_is_worth_nothing_to_a_stranger() {
    let cluster = cluster("menu");
    let after = installed(Some(1), None);
    let permission = permission(PermissionSource::Operator).given_after(Vec::new());
    let given_after = permission.clone().given_after(after.names());
    let stranger = "525400000009".parse().unwrap();
    for identity in [Identity::Unknown, Identity::Foreign(stranger)] {
        let known = host(HostState::Configured);
        let never = Facts { identity, ..facts(&cluster, Some(&known), Some(&permission)) };
        assert!(matches!(told(&never), Decision::Stop(_)));
        let ever = Facts { installed: after, permission: Some(&given_after), ..never };
        assert!(matches!(told(&ever), Decision::LocalBoot(Some(_))));
    }
}

#[test]
fn attempts_are_bounded() {
    let cluster = cluster("menu");
    let permission = permission(PermissionSource::Operator);
    let mut host = host(HostState::Configured);
    for attempt in 1..=3 {
        let Decision::Install(install) = told(&facts(&cluster, Some(&host), Some(&permission))) else {
            panic!("attempt {attempt}");
        };
        assert_eq!(install.of_permission, attempt);
        host.begin_attempt(&(&permission).into(), permission.distro.clone(), None, at(500)).unwrap();
    }
    assert_eq!(told(&facts(&cluster, Some(&host), Some(&permission))), Decision::GiveUp { attempts: 3 });
    host.apply(Event::GaveUp, at(500)).unwrap();
    assert!(matches!(told(&facts(&cluster, Some(&host), Some(&permission))), Decision::Menu(MenuPage::Main, Some(_))));
}

#[test]
fn others_get_the_menu_or_their_own_disk_or_wait() {
    let (menu, armed) = (cluster("menu"), cluster("armed"));
    assert_eq!(told(&facts(&menu, None, None)), Decision::Menu(MenuPage::Main, None));
    assert_eq!(told(&facts(&armed, None, None)), Decision::OwnDisk);
    let mut waits = armed.clone();
    waits.boot.unknown = UnknownMachines::Wait;
    assert_eq!(told(&facts(&waits, None, None)), Decision::Wait);
    let configured = host(HostState::Configured);
    assert_eq!(told(&facts(&menu, Some(&configured), None)), Decision::Menu(MenuPage::Install, None));
    let mut failed = host(HostState::Configured);
    failed
        .begin_attempt(
            &PermissionRef::sample(PermissionId::from_random([1; 16])),
            "x86_64-linux-debian-12".parse().unwrap(),
            None,
            at(1),
        )
        .unwrap();
    failed.report(Stage::Failed, &Line::lossy("disk full"), &[], at(2)).unwrap();
    match told(&facts(&menu, Some(&failed), None)) {
        Decision::Menu(MenuPage::Main, Some(notice)) => assert!(notice.as_str().contains("disk full")),
        other => panic!("{other:?}"),
    }
    // Its disk holds an older system: it boots that, and says why it is not the new one.
    let ever = Facts { installed: installed(Some(1), Some(&failed)), ..facts(&armed, Some(&failed), None) };
    assert!(matches!(told(&ever), Decision::LocalBoot(Some(notice)) if notice.as_str().contains("disk full")));
    let unreadable = Facts { host: Err(&Reason("line 3: state")), ..facts(&menu, None, None) };
    assert!(matches!(told(&unreadable), Decision::Stop(why) if why.as_str().contains("line 3")));
}

#[test]
fn what_is_missing_is_said() {
    let cluster = cluster("menu");
    let permission = permission(PermissionSource::Operator);
    let facts = Facts { source: Err(&Reason("no image is published")), ..facts(&cluster, None, Some(&permission)) };
    assert!(matches!(told(&facts), Decision::Stop(why) if why.as_str().contains("no image")));
}

#[test]
fn a_system_of_another_processor_is_not_installed() {
    let cluster = cluster("menu");
    let permission = permission(PermissionSource::Operator);
    let arm64 = FirmwareInfo { arch: Some(Line::lossy("arm64")), ..FirmwareInfo::default() };
    let new = Facts { firmware: &arm64, ..facts(&cluster, None, Some(&permission)) };
    assert!(matches!(told(&new), Decision::Stop(why) if why.as_str().contains("arm64")));
    let mut host = host(HostState::Configured);
    host.report_firmware(&arm64);
    let silent = facts(&cluster, Some(&host), Some(&permission));
    assert!(matches!(told(&silent), Decision::Stop(why) if why.as_str().contains("aarch64")));
    host.report_firmware(&FirmwareInfo { arch: Some(Line::lossy("x86_64")), ..arm64 });
    assert_eq!(host.cpu, Some(crate::types::Cpu::Aarch64), "as it was reported first");
    let changed = Facts { firmware: &host.firmware, ..facts(&cluster, Some(&host), Some(&permission)) };
    assert!(matches!(told(&changed), Decision::Stop(why) if why.as_str().contains("cpu=x86_64")));
}

/// The mark that a permission is used up may be lost, or not be written yet: the record says the same.
#[test]
fn a_permission_is_used_up_when_its_installation_ended_even_without_the_mark() {
    let cluster = cluster("armed");
    let permission = permission(PermissionSource::Operator);
    let mut host = host(HostState::Configured);
    host.begin_attempt(&(&permission).into(), permission.distro.clone(), None, at(400)).unwrap();
    assert!(matches!(told(&facts(&cluster, Some(&host), Some(&permission))), Decision::Install(_)), "a power cut");
    let mut given_later = permission.clone();
    given_later.given_at = at(399);
    let earlier =
        Facts { installed: installed(Some(398), Some(&host)), ..facts(&cluster, Some(&host), Some(&given_later)) };
    assert!(matches!(told(&earlier), Decision::Install(_)), "an installation before this one");
    let died_between =
        Facts { installed: installed(Some(400), Some(&host)), ..facts(&cluster, Some(&host), Some(&permission)) };
    assert_eq!(told(&died_between), Decision::LocalBoot(None));
    for state in HostState::ALL.into_iter().filter(|s| *s != HostState::Installing) {
        host.apply(Event::SetByOperator(state), at(450)).unwrap();
        assert!(!matches!(told(&facts(&cluster, Some(&host), Some(&permission))), Decision::Install(_)), "{state}");
    }
}

#[test]
fn a_clock_that_went_back_revives_nothing() {
    let cluster = cluster("armed");
    let mut permission = permission(PermissionSource::Operator);
    permission.given_at = at(100_000);
    permission.expires = at(200_000);
    assert_eq!(told(&facts(&cluster, None, Some(&permission))), Decision::OwnDisk);
}

#[test]
fn an_installation_that_nothing_permits_any_more_is_given_up() {
    for enrolment in ["menu", "armed"] {
        let cluster = cluster(enrolment);
        let permission = permission(PermissionSource::Operator);
        let mut host = host(HostState::Configured);
        host.begin_attempt(&(&permission).into(), permission.distro.clone(), None, at(400)).unwrap();
        let expired = Facts { now: at(1_000), ..facts(&cluster, Some(&host), Some(&permission)) };
        assert_eq!(told(&expired), Decision::GiveUp { attempts: 1 });
        assert_eq!(told(&facts(&cluster, Some(&host), None)), Decision::GiveUp { attempts: 1 });
    }
}

#[test]
fn a_rule_installs_a_machine_that_has_its_place_and_enrols_one_that_has_none() {
    let cluster = cluster("armed");
    let permission = permission(PermissionSource::Rule);
    assert_eq!(told(&facts(&cluster, None, Some(&permission))), Decision::Enrol(Line::lossy("root")));
    let mut host = host(HostState::Configured);
    assert_eq!(told(&facts(&cluster, Some(&host), Some(&permission))), Decision::Enrol(Line::lossy("root")));
    host.address = Some("10.0.0.2".parse().unwrap());
    host.name = Some("sch-001".parse().unwrap());
    assert!(matches!(told(&facts(&cluster, Some(&host), Some(&permission))), Decision::Install(_)));
}

#[test]
fn rules_that_contradict_each_other_stop_a_machine_that_nothing_else_permits() {
    let cluster = cluster("menu");
    let tie = Facts { rules_problem: Some(&Reason("rule a and rule b")), ..facts(&cluster, None, None) };
    assert!(matches!(told(&tie), Decision::Stop(why) if why.as_str().contains("rule a and rule b")));
    let operator = permission(PermissionSource::Operator);
    assert!(matches!(told(&Facts { permission: Some(&operator), ..tie }), Decision::Install(_)));
    let marked =
        Facts { rules_problem: Some(&Reason("x")), installed: installed(Some(1), None), ..facts(&cluster, None, None) };
    assert_eq!(told(&marked), Decision::LocalBoot(None));
}

/// What the permission may do to a disk, and that an assumed sender is called one.
#[test]
fn the_steps_say_which_disk_and_what_is_assumed() {
    let cluster = cluster("armed");
    let mut operator = permission(PermissionSource::Operator);
    let blank = permission(PermissionSource::Menu);
    operator.wipe = vec!["S1".parse().unwrap(), "S2".parse().unwrap()];
    for (permission, words) in [(&operator, "may wipe S1 S2"), (&blank, "only on a blank disk")] {
        let mut trace = Trace::on();
        let facts = Facts { identity: Identity::Proven(Proof::Assumed), ..facts(&cluster, None, Some(permission)) };
        decide(&facts, &mut trace);
        let steps = trace.into_steps();
        assert!(steps.iter().any(|s| s.subject == Subject::Permission && s.finding.contains(words)), "{steps:?}");
        assert!(steps.iter().any(|s| s.subject == Subject::Sender && s.finding.contains("assumed to be")), "{steps:?}");
    }
}
