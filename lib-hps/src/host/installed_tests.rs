// SPDX-License-Identifier: GPL-3.0-or-later
//! What was known before an installation permits nothing after it.

use super::*;
use crate::host::{Grant, PermissionRef};
use crate::types::{HostType, MacAddr};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn mac() -> MacAddr {
    "525400000001".parse().unwrap()
}

fn permission(n: u8, given_at: i64, after: Option<&[&str]>) -> Permission {
    let grant = Grant {
        mac: mac(),
        host_type: HostType::SCH,
        profile: None,
        distro: "x86_64-linux-debian-12".parse().unwrap(),
        wipe: vec!["D1".parse().unwrap()],
        given_by: Line::lossy("root"),
        given_at: at(given_at),
        expires: at(1_000_000),
        reason: Line::lossy(""),
    };
    let permission = Permission::new(PermissionId::from_random([n; 16]), PermissionSource::Operator, grant);
    match after {
        Some(names) => permission.given_after(names.iter().map(|name| Line::lossy(name)).collect()),
        None => permission,
    }
}

fn marked(marks: &[&str]) -> Installed {
    Installed::new(Some(marks.iter().map(|text| Mark::parse(text)).collect()), None)
}

const ONE: &str = "1970-01-01T00:10:00Z lab";
const TWO: &str = "1970-01-01T00:20:00Z site";
const FUTURE: &str = "2099-01-01T00:00:00Z lab";

#[test]
fn the_named_marks_decide_and_no_clock() {
    // Marks of the machine, marks that the permission names, when it was given; whether it counts.
    type Case = (&'static [&'static str], Option<&'static [&'static str]>, i64, bool);
    let cases: [Case; 14] = [
        (&[], Some(&[]), 700, true),
        (&[ONE], Some(&[ONE]), 700, true),
        (&[ONE], Some(&[]), 700, false),
        // The clock was ahead when it was given.
        (&[ONE], Some(&[]), 900_000, false),
        // The clock was ahead when the machine was installed, and is right now.
        (&[FUTURE], Some(&[FUTURE]), 700, true),
        (&[FUTURE], Some(&[]), 700, false),
        (&[FUTURE], None, 700, false),
        // Installed by another cluster since.
        (&[TWO], Some(&[ONE]), 700, false),
        // The mark is lost, or an old one was put back.
        (&[], Some(&[ONE]), 700, false),
        (&[ONE], Some(&[TWO]), 900_000, false),
        // Two MACs.
        (&[ONE, ONE], Some(&[ONE]), 700, true),
        (&[ONE, TWO], Some(&[ONE]), 700, false),
        // By an older version.
        (&[ONE], None, 601, true),
        (&[ONE], None, 600, false),
    ];
    for (marks, after, given_at, counts) in cases {
        let objection = marked(marks).outdates(&permission(1, given_at, after), None);
        assert_eq!(objection.is_none(), counts, "{marks:?} {after:?} {given_at}: {objection:?}");
    }
    let unreadable = Installed::new(None, None);
    assert!(unreadable.ever() && unreadable.is_marked());
    assert_eq!(unreadable.outdates(&permission(1, 700, Some(&[])), None), Some(Dead::Unknown));
}

#[test]
fn an_attempt_is_over_when_anybody_else_installed_the_machine() {
    let own = permission(1, 1_300, Some(&[ONE]));
    let mut host = Host::new(mac(), at(1_300));
    host.begin_attempt(&PermissionRef::from(&own), own.distro.clone(), None, at(1_400)).unwrap();
    let attempt = host.attempt.as_ref().unwrap();
    let done = Mark::from_installation(at(1_500), &"lab".parse().unwrap(), &own.id);
    let ask = |marks: &[&str]| (marked(marks).is_complete(attempt), marked(marks).is_outdated(attempt));
    assert_eq!(ask(&[ONE]), (false, false));
    assert_eq!(ask(&[done.text().as_str()]), (true, false), "its own");
    assert_eq!(ask(&[TWO]), (false, true));
    assert_eq!(ask(&[FUTURE]), (false, true));
    // Its permission is dead before the record says that the installation ended.
    let installed = |marks: &[&str]| Installed::new(Some(marks.iter().map(|m| Mark::parse(m)).collect()), Some(&host));
    assert_eq!(installed(&[ONE]).outdates(&own, Some(&host)), None, "a retry");
    assert_eq!(installed(&[done.text().as_str()]).outdates(&own, Some(&host)), Some(Dead::Ended));
    // A record of before the marks were named.
    let mut old = host.clone();
    old.attempt.as_mut().unwrap().after = None;
    let attempt = old.attempt.as_ref().unwrap();
    assert!(!marked(&[ONE]).is_outdated(attempt) && marked(&[FUTURE]).is_outdated(attempt));
}

#[test]
fn marks_of_every_version_are_read() {
    let id = PermissionId::from_random([1; 16]);
    let mark = Mark::from_installation(at(600), &"lab".parse().unwrap(), &id);
    assert_eq!(mark.text().as_str(), format!("{ONE} permission={id}"));
    assert_eq!((mark.at(), mark.permission(), mark.is_imported()), (at(600), Some(&id), false));
    assert_eq!(Mark::parse(&format!("{ONE}\n")), Mark::new(at(600), &"lab".parse().unwrap()));
    let imported = Mark::parse(&format!("{ONE} imported\n"));
    assert_eq!((imported.permission(), imported.is_imported()), (None, true));
    let odd = Mark::parse("?");
    assert_eq!((odd.at(), odd.text().as_str()), (at(i64::MAX), "?"));
}
