// SPDX-License-Identifier: GPL-3.0-or-later
//! An installation from its permission to its end: tickets, tokens, attempts.

use super::site::{MAC, Site, is_installer, is_local_boot, mac, token_in};
use crate::config::Dir;
use crate::host::HostState;

#[test]
fn a_machine_is_installed_by_a_permission_alone() {
    let site = Site::new("armed");
    assert!(site.boot().contains("has no permission to install"));
    assert_eq!(site.state(), None, "a machine that only asks leaves no record");
    site.arm(1);
    let script = site.boot();
    assert!(is_installer(&script), "{script}");
    assert_eq!(site.state(), Some(HostState::Configured), "asking moves no state");
}

#[test]
fn an_answer_file_is_fetched_until_the_installer_reports() {
    let site = Site::new("armed");
    site.arm(1);
    let ticket = site.ticket();
    let first = site.answer(&ticket);
    assert_eq!(first.status(), 200);
    assert_eq!(site.state(), Some(HostState::Installing));
    let second = site.answer(&ticket);
    assert_eq!(first, second, "installers fetch twice, and get the same bytes");
    let token = token_in(&first.body_text());
    assert_eq!(site.report(&token, "started", "").body_text(), "ok\n");
    assert_eq!(site.answer(&ticket).status(), 403, "the ticket is dead when the installer has reported");
}

#[test]
fn the_stages_of_an_installation_lead_to_installed() {
    let site = Site::new("armed");
    let permission = site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "started", "").status(), 200);
    assert_eq!(site.report(&token, "disks", "QM00001,none").status(), 200);
    let recorded = site.store.hosts().find(mac()).unwrap().unwrap().attempt.unwrap();
    assert_eq!(recorded.disks.iter().map(ToString::to_string).collect::<Vec<_>>(), ["QM00001", "none"]);
    for stage in ["partitioned", "packages", "configured", "installed", "installed"] {
        assert_eq!(site.report(&token, stage, "x").status(), 200, "{stage}");
    }
    assert_eq!(site.state(), Some(HostState::Installed));
    assert!(site.store.installed_marks().installed(mac(), None).unwrap().ever());
    assert_eq!(site.store.permissions().get(mac(), site.now()).unwrap(), None, "{permission} is used up");
}

/// The whole of it again, request by request.
#[test]
fn an_installed_machine_is_never_installed_again() {
    let site = Site::new("armed");
    site.arm(1);
    let ticket = site.ticket();
    let token = token_in(&site.answer(&ticket).body_text());
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    for _ in 0..2 {
        assert!(is_local_boot(&site.boot()));
        assert_eq!(site.answer(&ticket).status(), 403);
        assert_eq!(site.report(&token, "started", "").status(), 409);
        assert_eq!(site.report(&token, "failed", "").status(), 409);
        assert_eq!(site.report(&token, "installed", "").status(), 200);
        assert_eq!(site.item("install_SCH_STORAGESINGLE").error(), Some("refused"));
    }
    assert!(is_local_boot(&site.boot()));
    assert_eq!(site.state(), Some(HostState::Installed));
}

#[test]
fn an_installed_machine_boots_its_disk_without_its_record() {
    let site = Site::new("armed");
    site.install(1);
    std::fs::remove_file(site.store.paths.host(mac()).path()).unwrap();
    assert!(is_local_boot(&site.boot()));
    std::fs::write(site.store.paths.host(mac()).path(), "state = ").unwrap();
    assert!(is_local_boot(&site.boot()));
}

#[test]
fn what_the_firmware_says_does_not_change_while_the_machine_is_installed() {
    let site = Site::new("armed");
    site.arm(1);
    site.ask(&format!("cmd=boot_action&mac={MAC}&serial=S1"));
    let token = site.begin();
    let firmware = || site.store.hosts().find(mac()).unwrap().unwrap().firmware.to_string();
    let first = firmware();
    assert!(first.contains("S1"), "{first}");
    site.pass("10m");
    site.ask(&format!("cmd=boot_action&mac={MAC}&serial=S2"));
    assert_eq!(firmware(), first);
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    site.pass("10m");
    site.ask(&format!("cmd=boot_action&mac={MAC}&serial=S2"));
    assert!(firmware().contains("S2"));
}

#[test]
fn an_attempt_keeps_the_repository_that_it_began_with() {
    let site = Site::new("armed");
    let mark = site.store.paths.packages().join("x86_64-linux-rockylinux-10/Repo/.hps-repository");
    let publish = || {
        std::fs::create_dir_all(mark.parent().unwrap()).unwrap();
        std::fs::write(&mark, "").unwrap();
    };
    let line = "\nrepo --name=hps-packages --baseurl=http://10.0.0.1/packages/x86_64-linux-rockylinux-10/Repo/\n";
    site.arm(1);
    let ticket = site.ticket();
    let first = site.answer(&ticket);
    assert!(first.status() == 200 && !first.body_text().contains("\nrepo "));
    publish();
    assert_eq!(site.answer(&ticket), first, "the same bytes within an attempt");
    // A power cut: the next attempt looks again.
    let ticket = site.ticket();
    let second = site.answer(&ticket);
    assert!(second.body_text().contains(line), "{}", second.body_text());
    std::fs::remove_file(&mark).unwrap();
    assert_eq!(site.answer(&ticket), second, "the same bytes within an attempt");
}

#[test]
fn a_power_cut_is_retried_and_only_so_often() {
    let site = Site::new("armed");
    site.arm(1);
    let first = site.begin();
    assert_eq!(site.report(&first, "disks", "QM00001").status(), 200);
    let second = site.answer(&site.ticket()).body_text();
    assert!(second.contains("ANSWER_MAY_WIPE=( 'QM00001')"), "the retry may wipe what the first attempt registered");
    assert_eq!(site.report(&first, "partitioned", "").status(), 403, "the token of the first attempt is dead");
    site.begin();
    let script = site.boot();
    assert!(script.contains("menu_item=gave_up"), "{script}");
    assert_eq!(site.state(), Some(HostState::Installing));
    let gave_up = site.ask(&format!("cmd=process_menu_item&mac={MAC}&menu_item=gave_up"));
    assert!(gave_up.body_text().contains("has no permission to install"), "{}", gave_up.body_text());
    assert_eq!(site.state(), Some(HostState::Failed));
    for _ in 0..3 {
        assert!(!is_installer(&site.boot()), "FAILED stays FAILED");
    }
    // A new permission starts anew, and may wipe nothing.
    site.arm(2);
    let fourth = site.answer(&site.ticket()).body_text();
    assert!(fourth.contains("ANSWER_MAY_WIPE=()"), "{fourth}");
}

#[test]
fn a_reported_failure_ends_the_permission() {
    let site = Site::new("menu");
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "failed", "disk%20vda%20carries%20ext4").status(), 200);
    assert_eq!(site.report(&token, "failed", "disk%20vda%20carries%20ext4").status(), 200, "the report may come again");
    assert_eq!(site.state(), Some(HostState::Failed));
    let script = site.boot();
    assert!(script.contains("menu HPS lab") && script.contains("disk vda carries ext4"), "{script}");
}

#[test]
fn a_machine_that_cannot_run_its_installer_is_failed_with_the_reason() {
    let site = Site::new("armed");
    site.arm(1);
    let script = site.boot();
    let url = script.lines().find(|l| l.contains("cmd=unsupported")).expect("iPXE asks for the processor").to_owned();
    let query = url.split_once('?').unwrap().1.split(' ').next().unwrap();
    let (foreign, other) = (query.replace(MAC, "525400000002"), query.replace("x86-64-v3", "legs"));
    for (bad, error) in [(&foreign, "refused"), (&other, "malformed")] {
        let before = site.snapshot();
        assert_eq!(site.ask(bad).error(), Some(error), "{bad}");
        assert_eq!(site.snapshot(), before, "{bad}");
    }
    let shown = site.ask(query).body_text().replace("\necho ", " ");
    assert!(shown.contains("FAILED: the processor of this machine is below x86-64-v3, which"), "{shown}");
    let host = site.store.hosts().find(mac()).unwrap().unwrap();
    assert_eq!(host.state(), HostState::Failed);
    assert!(host.reason.unwrap().as_str().contains("below x86-64-v3"));
    assert_eq!(site.ask(query).error(), Some("refused"), "its permission is used up");
    assert!(!is_installer(&site.boot()), "it is not tried for ever");
    site.arm(2);
    assert!(is_installer(&site.boot()));
}

#[test]
fn a_lost_mark_or_folder_installs_nothing_again() {
    let site = Site::new("menu");
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    let spent = site.store.paths.spent_dir();
    for entry in std::fs::read_dir(&spent).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert!(is_local_boot(&site.boot()), "the record says that it ended");
    std::fs::remove_dir(&spent).unwrap();
    assert!(is_local_boot(&site.boot()));
    // Without its folder, that a mark is absent means nothing.
    std::fs::remove_dir_all(site.store.paths.conf().dir(Dir::State).join("ever-installed")).unwrap();
    std::fs::remove_file(site.store.paths.host(mac()).path()).unwrap();
    assert!(is_local_boot(&site.boot()));
}

#[test]
fn a_repeated_end_leaves_what_a_killed_process_could_not() {
    let site = Site::with("armed", "notify = \"/bin/true\"\n", "");
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "installed", "well").status(), 200);
    let notifications = || site.store.notifications().lock_queue().unwrap().waiting().unwrap();
    let states = || site.store.journal().history(mac()).unwrap().into_iter().map(|line| line.to).collect::<Vec<_>>();
    let (told, whole) = (notifications().pop().unwrap(), states());
    // Killed when the record was written.
    site.store.notifications().lock_queue().unwrap().remove(&told.name).unwrap();
    let path = site.store.paths.history(mac());
    let text = std::fs::read_to_string(&path).unwrap();
    let cut = text.trim_end().rsplit_once('\n').unwrap().0.to_owned();
    std::fs::write(&path, cut).unwrap();
    assert_ne!(states(), whole);
    for _ in 0..3 {
        assert_eq!(site.report(&token, "installed", "well").status(), 200);
        assert_eq!(states(), whole);
        let (now, told) = (notifications(), told.notification.as_ref().unwrap());
        assert_eq!(now.len(), 1);
        assert_eq!(now[0].notification.as_ref().unwrap(), told);
    }
}
