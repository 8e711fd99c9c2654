// SPDX-License-Identifier: GPL-3.0-or-later
//! Tests of the record of a host.

use super::*;

const MAC: &str = "525400123456";

fn host() -> Host {
    Host::new(MAC.parse().unwrap(), Timestamp::from_unix(1_000))
}

fn permission(digit: &str) -> PermissionRef {
    PermissionRef::sample(digit.repeat(32).parse().unwrap())
}

#[test]
fn a_record_survives_its_file() {
    let mut host = host();
    host.host_type = Some(HostType::SCH);
    host.profile = Some(Profile::StorageSingle);
    host.name = Some("sch-001".parse().unwrap());
    host.begin_attempt(&permission("a"), "x86_64-linux-debian-12".parse().unwrap(), None, Timestamp::from_unix(2_000))
        .unwrap();
    host.report(Stage::Started, &Line::lossy(""), &[], Timestamp::from_unix(2_001)).unwrap();
    assert_eq!(Host::parse(&host.to_text(), host.mac()).unwrap(), host);
}

#[test]
fn a_record_with_the_older_key_of_the_firmware_is_read() {
    let mut host = host();
    host.firmware.serial = Some(Line::lossy("QM1"));
    let older = host.to_text().replace("[firmware]", "[claims]");
    assert!(older.contains("[claims]"), "{older}");
    assert_eq!(Host::parse(&older, host.mac()).unwrap(), host);
}

#[test]
fn a_bad_edit_is_refused_with_its_line() {
    let text = host().to_text();
    for (from, to, line) in [
        ("UNCONFIGURED", "INSTALED", 3),
        ("525400123456", "525400123457", 1),
        ("version = 1", "version = 1\ncolour = \"red\"", 2),
        ("[\"525400123456\"]", "[]", 2),
        ("[\"525400123456\"]", "[\"525400123456\", \"52:54:00:12:34:56\"]", 2),
    ] {
        let error = Host::parse(&text.replace(from, to), MAC.parse().unwrap()).unwrap_err();
        assert_eq!(error.line, line, "{error} in {text}");
    }
}

#[test]
fn only_a_retry_of_the_same_permission_may_wipe_what_was_registered() {
    let distro: Distro = "x86_64-linux-debian-12".parse().unwrap();
    let now = Timestamp::from_unix(2_000);
    let disks = ["QM1".parse().unwrap(), "none".parse().unwrap()];
    let mut host = host();
    host.begin_attempt(&permission("a"), distro.clone(), None, now).unwrap();
    host.report(Stage::Disks, &Line::lossy("QM1"), &disks, now).unwrap();
    host.begin_attempt(&permission("a"), distro.clone(), None, now).unwrap();
    let attempt = host.attempt.as_ref().unwrap();
    assert_eq!((attempt.number, attempt.of_permission), (2, 2));
    assert_eq!(attempt.may_wipe, [disks[0].clone()]);
    // The third still may, though the second registered nothing.
    host.begin_attempt(&permission("a"), distro.clone(), None, now).unwrap();
    assert_eq!(host.attempt.as_ref().unwrap().may_wipe, [disks[0].clone()]);
    // Another permission may not.
    host.begin_attempt(&permission("b"), distro, None, now).unwrap();
    let attempt = host.attempt.as_ref().unwrap();
    assert_eq!((attempt.number, attempt.of_permission), (4, 1));
    assert!(attempt.may_wipe.is_empty());
}

#[test]
fn the_disks_of_the_last_system_outlive_attempts_that_fail() {
    let distro: Distro = "x86_64-linux-debian-12".parse().unwrap();
    let now = Timestamp::from_unix(2_000);
    let disk = |name: &str| vec![name.parse::<DiskName>().unwrap()];
    let mut host = host();
    let mut attempt = |id: &str, serial: &str, end: Stage| {
        host.begin_attempt(&permission(id), distro.clone(), None, now).unwrap();
        host.report(Stage::Disks, &Line::lossy(""), &disk(serial), now).unwrap();
        host.report(end, &Line::lossy(""), &[], now).unwrap();
        host.last_disks()
    };
    assert!(attempt("a", "S0", Stage::Failed).is_empty());
    assert_eq!(attempt("b", "S1", Stage::Installed), disk("S1"));
    assert_eq!(attempt("c", "S2", Stage::Failed), disk("S1"));
    assert_eq!(attempt("d", "S2", Stage::Failed), disk("S1"));
    assert_eq!(attempt("e", "S3", Stage::Installed), disk("S3"));
    // A record that was written before they were kept apart.
    host.system_disks.clear();
    host.begin_attempt(&permission("f"), distro, None, now).unwrap();
    assert_eq!(host.last_disks(), disk("S3"));
    assert_eq!(Host::parse(&host.to_text(), host.mac()).unwrap(), host);
}

#[test]
fn a_repeated_report_changes_nothing() {
    let mut host = host();
    host.begin_attempt(&permission("a"), "x86_64-linux-debian-12".parse().unwrap(), None, Timestamp::from_unix(1))
        .unwrap();
    assert!(host.report(Stage::Installed, &Line::lossy(""), &[], Timestamp::from_unix(2)).unwrap());
    assert!(!host.report(Stage::Installed, &Line::lossy(""), &[], Timestamp::from_unix(3)).unwrap());
    assert_eq!(host.updated, Timestamp::from_unix(2));
}
