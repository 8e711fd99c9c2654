// SPDX-License-Identifier: GPL-3.0-or-later
//! What a person reads who asks why: nothing that is not so, and no command that is always refused.

use super::rules::RULE;
use super::site::{MAC, OWN, Site, mac, who};
use crate::boot::Subject;
use crate::boot_context::BootContext;
use crate::host::{Event, Host, HostState, PermissionId, Window};
use crate::manager::{Explanation, explain};
use crate::store::StoreError;
use crate::types::{FirmwareInfo, Line};

fn told(site: &Site) -> Explanation {
    let machine = BootContext::load(&site.store, mac(), None, &FirmwareInfo::default(), site.now()).assumed();
    explain(&site.store, &machine, site.now())
}

fn change(site: &Site, edit: impl Fn(&mut Host)) {
    let changed = site.store.hosts().change(mac(), &who(), site.now(), |host| {
        edit(host);
        Ok::<_, StoreError>(Some((Line::lossy("test"), None)))
    });
    changed.unwrap();
}

fn advises(explanation: &Explanation, words: &str) {
    assert!(explanation.advice.iter().any(|sentence| sentence.contains(words)), "{words}: {:#?}", explanation.advice);
}

fn found(explanation: &Explanation, subject: Subject) -> (String, Vec<String>) {
    let finding = explanation.steps.iter().find(|f| f.step.subject == subject).unwrap();
    let files = finding.files.iter().map(|f| f.file_name().unwrap().to_string_lossy().into_owned());
    (finding.step.finding.clone(), files.collect())
}

#[test]
fn while_it_is_installed() {
    let site = Site::new("armed");
    site.arm(1);
    site.begin();
    let why = told(&site);
    let running = why.running.as_ref().unwrap();
    assert_eq!((running.attempt, running.of_permission, running.most), (1, 1, 3));
    assert!(running.stalled.is_none() && running.stage.is_none());
    advises(&why, "Leave it running and follow it: host-state watch sch-001");
    advises(&why, "installer again (attempt 2, 2 of 3 of its permission)");
    assert!(!why.advice.iter().any(|s| s.contains("Switch it on")), "{:?}", why.advice);
    site.pass("45m");
    let why = told(&site);
    assert_eq!(why.running.as_ref().unwrap().stalled.unwrap().stage_name(), "begun");
    advises(&why, "look at its console, and at: host-state log sch-001");
    advises(&why, "To give up: host-state set sch-001 state=FAILED");
    // Nothing permits another attempt: with a system on its disk it would boot that.
    site.end("disarmed");
    let why = told(&site);
    assert_eq!((why.answer, why.running.is_some()), ("give_up", true));
    advises(&why, "it becomes FAILED");
    advises(&why, "host-state set sch-001 state=FAILED, then host-state arm sch-001 --type SCH");
    std::fs::write(site.store.paths.ever_installed(mac()).path(), "2026-11-21T00:00:00Z\n").unwrap();
    let why = told(&site);
    assert_eq!(why.answer, "local_boot");
    advises(&why, "then host-state reinstall sch-001 --wipe SERIAL");
}

#[test]
fn what_failed_on_a_machine_with_a_system() {
    let site = Site::new("armed");
    std::fs::write(site.store.paths.ever_installed(mac()).path(), "2026-11-21T00:00:00Z\n").unwrap();
    site.arm(1);
    let token = site.begin();
    site.report(&token, "failed", "disk%20full");
    let why = told(&site);
    assert_eq!(why.answer, "local_boot");
    assert!(why.instruction.contains("disk full"), "{}", why.instruction);
    assert!(site.boot().contains("FAILED: disk full"), "{}", site.boot());
    advises(&why, "Why it failed: host-state log sch-001");
    let (words, files) = found(&why, Subject::Permission);
    assert!(words.contains("given by root") && words.contains("ended (failed: disk full)"), "{words}");
    assert_eq!(files, [format!("{MAC}.toml"), "01".repeat(16)]);
}

#[test]
fn a_disk_on_record_is_named() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    change(&site, |host| {
        let attempt = host.attempt.as_mut().unwrap();
        attempt.disks = vec!["QM0001".parse().unwrap(), "none".parse().unwrap()];
    });
    site.report(&token, "installed", "");
    advises(&told(&site), "host-state reinstall sch-001 --wipe QM0001");
    change(&site, |host| host.attempt = None);
    advises(&told(&site), "host-state reinstall sch-001 --wipe SERIAL");
    change(&site, |host| (host.host_type, host.profile) = (None, None));
    advises(&told(&site), "host-state arm sch-001 --type TYPE --wipe SERIAL");
}

#[test]
fn which_disk_a_permission_takes() {
    let site = Site::new("menu");
    site.lease(MAC, OWN);
    site.item("install_SCH");
    let why = told(&site);
    assert_eq!(why.answer, "install");
    advises(&why, "Its disk must be blank, and this permission cannot name one that is not");
    advises(&why, "host-state arm sch-001 --type SCH --wipe SERIAL");
    assert!(found(&why, Subject::Permission).0.contains("only on a blank disk"));
    assert!(found(&why, Subject::Sender).0.contains("assumed to be the host itself"));
    site.arm(1);
    let why = told(&site);
    advises(&why, "Its disk must be empty.");
    assert_eq!(
        why.disks.unwrap(),
        "the system on one disk by the rule \"smallest\", of at least 8 GiB; the pool behind it, if that has 150 GB or more: ZFS if the local packages have it, otherwise LVM"
    );
    site.permit(2);
    let mut permission = site.store.permissions().get(mac(), site.now()).unwrap().unwrap();
    permission.wipe.push("S3Z8".parse().unwrap());
    site.store.permissions().give(&permission).unwrap();
    let why = told(&site);
    advises(&why, "or be one of these, which may be wiped: S3Z8.");
    assert!(found(&why, Subject::Permission).0.contains("may wipe S3Z8"));
}

fn window(site: &Site, number: u8) {
    let rule = toml::from_str(&format!("name = \"now{number}\"\ntype = \"SCH\"\n")).unwrap();
    let closes = site.now().plus("2h".parse().unwrap());
    let id = PermissionId::from_random([number; 16]);
    site.store.windows().open(&Window::new(id, rule, Line::lossy("root"), site.now(), closes)).unwrap();
}

#[test]
fn a_window_and_a_rule_are_told_apart() {
    let site = Site::new("armed");
    site.lease(MAC, OWN);
    window(&site, 1);
    let file = |n: u8| format!("{}.toml", format!("{n:02x}").repeat(16));
    let why = told(&site);
    assert_eq!((why.answer, found(&why, Subject::Permission).1), ("enrol", vec![file(1)]));
    assert!(why.instruction.contains("window now1 of root"), "{}", why.instruction);
    assert!(site.boot().contains("permitted by window now1 of root"), "{}", site.boot());
    window(&site, 2);
    let why = told(&site);
    assert_eq!((why.answer, found(&why, Subject::Rules).1), ("stop", vec![file(1), file(2)]));
    advises(&why, "see the files above");

    let site = Site::with("armed", "", RULE);
    assert_eq!(found(&told(&site), Subject::Permission).1, ["lab.cluster"]);
    assert!(told(&site).instruction.contains("rule rack"), "{}", told(&site).instruction);
    // Once it is used up, it is said by what.
    let machine = BootContext::load(&site.store, mac(), None, &FirmwareInfo::default(), site.now());
    site.store.permissions().mark_used(&machine.permission.unwrap(), "disarmed").unwrap();
    let why = told(&site);
    let (words, files) = found(&why, Subject::Permission);
    assert!(words.contains("given by rule rack") && words.contains("ended (disarmed)"), "{words}");
    assert_eq!((why.answer, files[0].as_str(), files.len()), ("own_disk", "lab.cluster", 2));
}

#[test]
fn a_bad_record_is_said_once() {
    let site = Site::new("armed");
    site.store.hosts().create(mac(), &who(), site.now()).unwrap();
    std::fs::write(site.store.paths.host(mac()).path(), "version = 1\nmacs = 3\n").unwrap();
    let why = told(&site);
    let all = format!("{}\n{:?}\n{:?}", why.instruction, why.steps, why.advice);
    assert_eq!(all.matches("line 2: ").count(), 1, "{all}");
    assert_eq!(why.advice.len(), 1, "{:?}", why.advice);
    assert!(why.steps.iter().any(|s| s.step.decides && s.step.finding.contains("line 2: ")));
}

/// An attempt that has no permission any more and no record of it, as after an edit by hand.
#[test]
fn installing_by_hand() {
    let site = Site::new("armed");
    site.arm(1);
    change(&site, |host| {
        host.apply(Event::SetByOperator(HostState::Installing), host.updated).unwrap();
    });
    site.end("test");
    let why = told(&site);
    assert_eq!((why.answer, why.running.is_some()), ("give_up", false));
    advises(&why, "state=FAILED, then host-state arm sch-001 --type SCH");
}
