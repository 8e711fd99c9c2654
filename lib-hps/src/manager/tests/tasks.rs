// SPDX-License-Identifier: GPL-3.0-or-later
//! Tasks of the node environment, request by request: once, for the machine itself, and never in the way of an installation.

use super::site::{MAC, OWN, Site, is_installer, is_local_boot, mac, who, word_after};
use crate::host::{
    AfterTask, DiscoveryWindow, HostState, NodeTask, PermissionId, TaskDraft, TaskKind, TaskRequest, Verdict,
};
use crate::types::{Lifetime, Line};

const SERVER: &str = include_str!("../../../../tests/fixtures/node/hardware-server.report");

fn ask(site: &Site, number: u8) -> TaskRequest {
    let draft = TaskDraft {
        mac: mac(),
        task: NodeTask::Discover,
        then: AfterTask::Restart,
        asked_by: Line::lossy("root"),
        asked_at: site.now(),
        lifetime: Lifetime::DAY,
        reason: Line::lossy(""),
    };
    let request = TaskRequest::new(PermissionId::from_random([number; 16]), draft);
    site.store.tasks().ask(&request, &who(), site.now()).unwrap();
    request
}

fn is_task(script: &str) -> bool {
    script.contains("hps.mode=task hps.ticket=")
}

/// Begins the task of the boot script; the answer.
fn begin(site: &Site, ticket: &str) -> String {
    let answer = site.ask(&format!("cmd=task&mac={MAC}&ticket={ticket}"));
    assert_eq!(answer.status(), 200, "{}", answer.body_text());
    answer.body_text()
}

fn send(site: &Site, answer: &str, command: &str, more: &str, body: &[u8]) -> u16 {
    let [task, id, token] = ["\ntask=", "\nid=", "\ntoken="].map(|key| word_after(answer, key));
    let query = format!("cmd={command}&mac={MAC}&task={task}&id={id}&token={token}{more}");
    site.request(OWN, &query, body).status()
}

#[test]
fn an_installed_machine_looks_once_and_boots_its_disk_again() {
    let site = Site::new("armed");
    site.install(1);
    let request = ask(&site, 2);
    let script = site.boot();
    assert!(is_task(&script) && site.boot() == script, "asking begins nothing: {script}");
    let ticket = word_after(&script, "ticket=");
    let answer = begin(&site, &ticket);
    assert!(answer.starts_with("hps-task 1\ntask=discover\n") && answer.ends_with("\nend\n"), "{answer}");
    assert!(answer.contains("\nthen=restart\n"), "{answer}");
    assert_eq!(begin(&site, &ticket), answer, "after a lost reply");
    assert!(is_local_boot(&site.boot()), "a machine that restarts in the middle does not begin again");
    assert_eq!(send(&site, &answer, "hardware", "", SERVER.as_bytes()), 200);
    assert_eq!(send(&site, &answer, "task_report", "&stage=DONE&message=3+disks", b"a\nb\n"), 200);
    assert_eq!(send(&site, &answer, "task_report", "&stage=FAILED&message=x", b""), 200, "it has ended");
    let reports = site.store.tasks().reports(mac()).unwrap();
    let last = reports.last(TaskKind::Discover).unwrap();
    assert_eq!((last.verdict, last.details.len(), &last.id), (Some(Verdict::Done), 2, &request.id));
    assert_eq!(site.store.hardware().get(mac()).unwrap().unwrap().now.disks.len(), 3);
    assert_eq!(site.ask(&format!("cmd=task&mac={MAC}&ticket={ticket}")).status(), 403, "the ticket is over");
    assert!(is_local_boot(&site.boot()));
    assert_eq!(site.state(), Some(HostState::Installed), "its state is as it was");
}

#[test]
fn a_task_comes_before_an_installation_and_not_into_one() {
    let site = Site::new("armed");
    site.arm(1);
    ask(&site, 2);
    let script = site.boot();
    assert!(is_task(&script), "{script}");
    begin(&site, &word_after(&script, "ticket="));
    assert!(is_installer(&site.boot()));
    site.begin();
    ask(&site, 3);
    assert!(is_installer(&site.boot()), "a retry of the installation goes on");
}

#[test]
fn a_task_is_for_the_machine_itself_and_counts_for_its_time() {
    let site = Site::new("armed");
    site.install(1);
    ask(&site, 2);
    let foreign = site.request("10.0.0.99", &format!("cmd=boot_action&mac={MAC}"), b"").body_text();
    assert!(!is_task(&foreign), "{foreign}");
    let ticket = word_after(&site.boot(), "ticket=");
    assert_eq!(site.ask(&format!("cmd=answer&mac={MAC}&ticket={ticket}")).status(), 403, "it fetches no answer file");
    assert_eq!(site.ask(&format!("cmd=task&mac=525400000002&ticket={ticket}")).status(), 403);
    assert_eq!(site.ask(&format!("cmd=task&mac={MAC}&ticket=1-1-{}", "a".repeat(64))).status(), 403);
    site.pass("25h");
    assert!(is_local_boot(&site.boot()), "it expired");
    assert_eq!(site.ask(&format!("cmd=task&mac={MAC}&ticket={ticket}")).status(), 403);
    ask(&site, 3);
    let ticket = word_after(&site.boot(), "ticket=");
    assert!(site.store.tasks().cancel(mac(), &who(), site.now()).unwrap());
    assert!(is_local_boot(&site.boot()));
    assert_eq!(site.ask(&format!("cmd=task&mac={MAC}&ticket={ticket}")).status(), 403);
}

#[test]
fn a_token_reports_its_own_task_alone() {
    let site = Site::new("armed");
    site.install(1);
    ask(&site, 2);
    let answer = begin(&site, &word_after(&site.boot(), "ticket="));
    let other = answer.replace("\nid=02", "\nid=03");
    assert_eq!(send(&site, &other, "task_report", "&stage=DONE", b""), 403);
    assert_eq!(send(&site, &other, "hardware", "", SERVER.as_bytes()), 403);
    assert_eq!(send(&site, &answer, "task_report", "&stage=WELL", b""), 400);
    assert_eq!(send(&site, &answer, "task_report", "&stage=DONE", &vec![b'a'; 70_000]), 413);
    assert_eq!(send(&site, &answer, "task_report", "&stage=progress&message=half", b""), 200);
    site.pass("5h");
    assert_eq!(send(&site, &answer, "task_report", "&stage=DONE", b""), 403, "its token expired");
}

#[test]
fn a_machine_that_cannot_start_the_node_environment_goes_on_without_its_task() {
    let site = Site::new("armed");
    site.install(1);
    ask(&site, 2);
    assert!(is_task(&site.boot()));
    let script = site.item("no_task").body_text();
    assert!(is_local_boot(&script), "{script}");
    assert!(is_local_boot(&site.boot()));
    std::fs::remove_dir_all(site.store.paths.distros().join("x86_64-linux-debian-12")).unwrap();
    ask(&site, 3);
    assert!(is_local_boot(&site.boot()), "no node environment is published");
}

#[test]
fn a_window_asks_each_unknown_machine_once_and_no_other() {
    for enrolment in ["armed", "menu"] {
        let site = Site::new(enrolment);
        site.lease(MAC, OWN);
        let window = DiscoveryWindow::new(
            PermissionId::from_random([7; 16]),
            Line::lossy("rack7"),
            Line::lossy("root"),
            (site.now(), site.now().plus("2h".parse().unwrap())),
            Some("52:54".parse().unwrap()),
            AfterTask::Restart,
        );
        site.store.tasks().open_window(&window).unwrap();
        let script = site.boot();
        assert!(is_task(&script), "{enrolment}: {script}");
        let answer = begin(&site, &word_after(&script, "ticket="));
        assert!(!is_task(&site.boot()), "{enrolment}: once");
        assert_eq!(send(&site, &answer, "hardware", "", SERVER.as_bytes()), 200);
        assert_eq!(send(&site, &answer, "task_report", "&stage=DONE", b""), 200);
        assert!(!is_task(&site.boot()), "{enrolment}: once");
        assert_eq!(site.store.hardware().get(mac()).unwrap().unwrap().now.disks.len(), 3);
        let mut again = window.clone();
        again.id = PermissionId::from_random([8; 16]);
        site.store.tasks().open_window(&again).unwrap();
        assert!(is_task(&site.boot()), "{enrolment}: another window asks again");
        site.arm(1);
        assert!(is_installer(&site.boot()), "{enrolment}: an installation that is permitted comes first");
        site.begin();
        site.set_state(HostState::Installed);
        assert!(is_local_boot(&site.boot()), "{enrolment}: it is for machines that were never installed");
    }
}

#[test]
fn a_window_that_closed_or_is_for_others_asks_nothing() {
    let site = Site::new("armed");
    site.lease(MAC, OWN);
    let window = |n: u8, prefix: &str| {
        let times = (site.now(), site.now().plus("2h".parse().unwrap()));
        let (id, line) = (PermissionId::from_random([n; 16]), Line::lossy("w"));
        DiscoveryWindow::new(id, line.clone(), line, times, Some(prefix.parse().unwrap()), AfterTask::Restart)
    };
    site.store.tasks().open_window(&window(1, "aa:bb")).unwrap();
    assert!(!is_task(&site.boot()));
    let open = window(2, "52:54");
    site.store.tasks().open_window(&open).unwrap();
    let ticket = word_after(&site.boot(), "ticket=");
    site.store.tasks().close_window(&open.id, "closed").unwrap();
    site.store.tasks().open_window(&open).unwrap();
    assert!(!is_task(&site.boot()), "a copy of its file that is put back asks nothing");
    assert_eq!(site.ask(&format!("cmd=task&mac={MAC}&ticket={ticket}")).status(), 403);
    site.store.tasks().open_window(&window(3, "52:54")).unwrap();
    assert!(is_task(&site.boot()));
    site.pass("3h");
    assert!(!is_task(&site.boot()));
}
