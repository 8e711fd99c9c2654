// SPDX-License-Identifier: GPL-3.0-or-later
//! What was known before an installation does not come back to life: copies that are put back, another cluster, clocks, lost marks.

use super::site::{MAC, OWN, ROCKY, Site, is_installer, is_local_boot, mac, token_in, who};
use crate::boot::Subject;
use crate::boot_context::BootContext;
use crate::config::{Dir, Rule};
use crate::host::{Grant, HostState, Permission, PermissionId, PermissionSource, Window};
use crate::manager::{Explanation, explain};
use crate::store::{Store, activate, load_conf};
use crate::types::{FirmwareInfo, HostType, Line};
use std::path::{Path, PathBuf};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &place);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path()).unwrap(), place).unwrap();
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

fn clusters(site: &Site) -> PathBuf {
    site.store.paths.conf().dir(Dir::Clusters).to_path_buf()
}

/// A copy of all clusters, as an administrator makes it.
fn save(site: &Site) -> PathBuf {
    let place = site.folder.path().join("saved");
    copy(&clusters(site), &place);
    place
}

fn put_back(site: &Site, saved: &Path) {
    std::fs::remove_dir_all(clusters(site)).unwrap();
    copy(saved, &clusters(site));
}

/// As on a node of an older version, which kept these marks in the clusters.
fn lose_spent_marks(site: &Site) {
    for entry in std::fs::read_dir(site.store.paths.spent_dir()).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

/// Arms the host for a disk that may be wiped.
fn arm_to_wipe(site: &Site, number: u8) {
    site.arm(number);
    let grant = Grant {
        mac: mac(),
        host_type: HostType::SCH,
        profile: None,
        distro: ROCKY.parse().unwrap(),
        wipe: vec!["D1".parse().unwrap()],
        given_by: Line::lossy("root"),
        given_at: site.now(),
        expires: site.now().plus("7d".parse().unwrap()),
        reason: Line::lossy(""),
    };
    let permission = Permission::new(PermissionId::from_random([number; 16]), PermissionSource::Operator, grant);
    site.store.permissions().give(&permission).unwrap();
}

fn told(site: &Site) -> Explanation {
    let machine = BootContext::load(&site.store, mac(), OWN.parse().ok(), &FirmwareInfo::default(), site.now());
    explain(&site.store, &machine, site.now())
}

/// What `explain` finds of the permission.
fn of_permission(site: &Site) -> String {
    let steps = told(site).steps;
    steps.into_iter().find(|f| f.step.subject == Subject::Permission).unwrap().step.finding
}

fn is_dead(site: &Site, words: &str) {
    assert!(is_local_boot(&site.boot()), "{}", site.boot());
    let finding = of_permission(site);
    assert!(finding.contains(words) && finding.contains("host-state arm"), "{finding}");
}

#[test]
fn a_copy_of_the_clusters_that_is_put_back_permits_nothing() {
    let site = Site::new("armed");
    arm_to_wipe(&site, 1);
    let saved = save(&site);
    let ticket = site.ticket();
    let token = site.begin();
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    // Before the copy is put back, too: the mark is made first, and the record may be lost.
    put_back(&site, &saved);
    assert_eq!(site.state(), Some(HostState::Configured));
    assert!(is_local_boot(&site.boot()), "{}", site.boot());
    assert!(of_permission(&site).contains("it ended (installed)"), "{}", of_permission(&site));
    lose_spent_marks(&site);
    is_dead(&site, "older than the last installation");
    assert_eq!(site.answer(&ticket).status(), 403, "a ticket from before");
    assert_eq!(site.report(&token, "started", "").status(), 403, "a token of an attempt that the copy does not know");
    assert_eq!(site.item("install_SCH_STORAGESINGLE").error(), Some("refused"));
    // Root takes it away, and the history says why.
    site.store.permissions().prune(&who(), site.now()).unwrap();
    assert_eq!(site.store.permissions().get(mac(), site.now()).unwrap(), None);
    assert!(of_permission(&site).contains("older than the last installation"), "{}", of_permission(&site));
    // A new one counts, in the very second of the installation too.
    arm_to_wipe(&site, 2);
    assert!(is_installer(&site.boot()));
    site.begin();
}

#[test]
fn a_copy_of_an_installation_under_way_is_completed_and_not_repeated() {
    for stage in ["none", "disks"] {
        let site = Site::new("armed");
        arm_to_wipe(&site, 1);
        let ticket = site.ticket();
        let token = token_in(&site.answer(&ticket).body_text());
        if stage == "disks" {
            assert_eq!(site.report(&token, "disks", "D1").status(), 200);
        }
        let saved = save(&site);
        assert_eq!(site.report(&token, "installed", "").status(), 200);
        put_back(&site, &saved);
        assert_eq!(site.state(), Some(HostState::Installing));
        assert!(is_local_boot(&site.boot()), "{}", site.boot());
        assert_eq!(site.answer(&ticket).status(), 403);
        for (stage, message) in [("started", ""), ("disks", "D9"), ("configured", ""), ("failed", "x")] {
            assert_eq!(site.report(&token, stage, message).status(), 403, "{stage}");
        }
        assert_eq!(site.report(&token, "installed", "").status(), 200);
        assert_eq!(site.state(), Some(HostState::Installed));
    }
}

#[test]
fn what_one_cluster_permits_ends_when_another_installs_the_machine() {
    let mut site = Site::new("armed");
    arm_to_wipe(&site, 1);
    let token = {
        // It is being installed by the first one, and its token lives.
        let token = site.begin();
        assert_eq!(site.report(&token, "disks", "D1").status(), 200);
        token
    };
    site.new_cluster("other", "armed", "");
    site.install(2);
    let conf = load_conf(&site.folder.path().join("hps.conf")).unwrap();
    activate(&conf, &"lab".parse().unwrap()).unwrap();
    site.store = Store::open(&conf).unwrap();
    assert_eq!(site.state(), Some(HostState::Installing));
    assert!(is_local_boot(&site.boot()));
    for stage in ["started", "installed", "failed"] {
        assert_eq!(site.report(&token, stage, "").status(), 403, "{stage}");
    }
    assert_eq!(site.state(), Some(HostState::Installing));
}

#[test]
fn a_clock_decides_nothing() {
    // It was years ahead while the machine was installed, and is right again.
    let site = Site::new("armed");
    arm_to_wipe(&site, 1);
    let (right, saved) = (site.now(), save(&site));
    let token = site.begin();
    site.pass("2h");
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    site.now.set(right);
    put_back(&site, &saved);
    lose_spent_marks(&site);
    is_dead(&site, "older than the last installation");
    site.pass("60s");
    arm_to_wipe(&site, 2);
    assert!(is_installer(&site.boot()), "given after it, whatever the mark's time is");
    // It was ahead when the permission was given, so that the permission's time is later than the mark's.
    let site = Site::new("armed");
    let right = site.now();
    site.pass("100s");
    arm_to_wipe(&site, 1);
    let saved = save(&site);
    site.now.set(right);
    let token = site.begin();
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    put_back(&site, &saved);
    lose_spent_marks(&site);
    is_dead(&site, "older than the last installation");
}

#[test]
fn a_permission_that_was_given_after_a_mark_that_is_lost_counts_for_nothing() {
    let site = Site::new("armed");
    site.install(1);
    site.pass("60s");
    arm_to_wipe(&site, 2);
    assert!(is_installer(&site.boot()));
    let mark = site.store.paths.ever_installed(mac()).path().to_path_buf();
    let text = std::fs::read_to_string(&mark).unwrap();
    std::fs::remove_file(&mark).unwrap();
    is_dead(&site, "whose mark is gone");
    std::fs::create_dir(&mark).unwrap();
    assert!(is_local_boot(&site.boot()));
    std::fs::remove_dir(&mark).unwrap();
    std::fs::write(&mark, text).unwrap();
    assert!(is_installer(&site.boot()));
}

#[test]
fn a_state_that_is_set_by_hand_ends_what_a_copy_remembers() {
    let site = Site::new("armed");
    arm_to_wipe(&site, 1);
    site.store.installed_marks().mark_mac(mac(), site.now()).unwrap();
    arm_to_wipe(&site, 2);
    assert!(is_installer(&site.boot()));
    let saved = save(&site);
    site.pass("60s");
    let edit = crate::host::Edit { state: Some(HostState::Installed), ..Default::default() };
    site.store.hosts().edit(mac(), &edit, &Line::lossy("set by hand"), &who(), site.now()).unwrap();
    put_back(&site, &saved);
    is_dead(&site, "older than the last installation");
}

/// Nothing was installed, so no mark of an installation tells that the permission is from before.
#[test]
fn what_ended_without_an_installation_does_not_come_back_with_a_copy() {
    type End = (&'static str, fn(&Site));
    let ends: [End; 4] = [
        ("ended (failed: no disk)", |site| drop(site.report(&site.begin(), "failed", "no disk"))),
        ("ended (unconfigured at the console)", |site| {
            site.lease(MAC, OWN);
            assert_eq!(site.item("unconfigure").error(), None);
        }),
        ("ended (disarmed)", |site| site.end("disarmed")),
        ("ended (disarmed after 20 requests with a bad ticket or token)", |site| {
            for _ in 0..20 {
                let bad = site.ask(&format!("cmd=answer&mac={MAC}&ticket=1-1795341600-{}", "0".repeat(64)));
                assert_eq!(bad.status(), 403);
            }
        }),
    ];
    for (words, end) in ends {
        let site = Site::new("armed");
        arm_to_wipe(&site, 1);
        assert!(is_installer(&site.boot()), "{words}");
        let saved = save(&site);
        end(&site);
        put_back(&site, &saved);
        assert!(!is_installer(&site.boot()), "{words}");
        assert!(of_permission(&site).contains(words), "{words}: {}", of_permission(&site));
        arm_to_wipe(&site, 2);
        assert!(is_installer(&site.boot()), "{words}: a new one counts");
    }
}

#[test]
fn a_window_that_was_closed_does_not_come_back_with_a_copy() {
    let site = Site::new("armed");
    site.lease(MAC, OWN);
    let rule: Rule = toml::from_str("name = \"rack7\"\ntype = \"SCH\"\n").unwrap();
    let id = PermissionId::from_random([9; 16]);
    let closes = site.now().plus("2h".parse().unwrap());
    site.store.windows().open(&Window::new(id.clone(), rule, Line::lossy("anna"), site.now(), closes)).unwrap();
    assert!(site.boot().contains("menu_item=enrol"), "{}", site.boot());
    let saved = save(&site);
    site.store.windows().close(&id, "closed by anna").unwrap();
    put_back(&site, &saved);
    assert!(!site.boot().contains("menu_item=enrol"), "{}", site.boot());
    assert!(!is_installer(&site.item("enrol").body_text()));
    let why = of_permission(&site);
    assert!(why.contains("window rack7 of anna: it was closed (closed by anna)"), "{why}");
}
