// SPDX-License-Identifier: GPL-3.0-or-later
//! What an installer reports: disks, keys, the plan, and its log.

use super::site::{MAC, OWN, Site, mac, word_after};
use crate::host::HostState;

#[test]
fn what_goes_with_a_report_is_kept_with_the_host() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    let event = |stage: &str, more: &str| {
        site.ask(&format!("cmd=event&mac={MAC}&token={token}&stage={stage}&message=A&{more}")).status()
    };
    let known = || site.store.hosts().find(mac()).unwrap().unwrap().ssh_host_key.map(|key| key.to_string());
    assert_eq!(event("disks", "plan=system%20on%20/dev/vda;%20pool%20raid1"), 200);
    let log = std::fs::read_to_string(site.store.paths.host_log(mac())).unwrap();
    assert!(log.contains("stage disks: system on /dev/vda; pool raid1"), "{log}");
    let key = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}", "a".repeat(43));
    let query = format!("host_key={}", key.replace(' ', "%20"));
    for bad in ["host_key=", "host_key=ssh-rsa%20AAAA", &format!("{query}%0ax"), &format!("{query}%20root")] {
        assert_eq!(event("configured", bad), 400, "{bad}");
    }
    assert_eq!(event("packages", &query), 200);
    assert_eq!(known(), None, "it goes with its stage alone");
    assert_eq!(event("configured", &query), 200);
    assert_eq!(known(), None, "not before it is INSTALLED");
    assert_eq!(event("configured", "plan=x"), 200, "an installer that reports none takes none away");
    let other = query.replace("aaa", "bbb");
    let foreign = format!("cmd=event&mac={MAC}&token=1-1-{}&stage=configured&{other}", "a".repeat(64));
    assert_eq!(site.ask(&foreign).status(), 403);
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    assert_eq!(known(), Some(key.clone()));
    assert_eq!(event("configured", &other), 409);
    assert_eq!(known(), Some(key), "after its end nothing changes it");
}

/// Whoever has a token can report too. What was reported first counts, and another word is refused, logged and shown.
#[test]
fn the_first_word_of_an_attempt_counts() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    let key = |letter: &str| format!("ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5AAAAI{}", letter.repeat(43));
    let event = |from: &str, stage: &str, message: &str, more: &str| {
        let query = format!("cmd=event&mac={MAC}&token={token}&stage={stage}&message={message}{more}");
        site.request(from, &query, b"").status()
    };
    let host = || site.store.hosts().find(mac()).unwrap().unwrap();
    for (stage, first, again, other) in [("disks", "D1,D2", "D2,D1", "D1,D2,D9"), ("configured", "a", "a", "b")] {
        let send = |from: &str, word: &str| match stage {
            "disks" => event(from, stage, word, ""),
            _ => event(from, stage, "", &format!("&host_key={}", key(word))),
        };
        assert_eq!((send(OWN, first), send(OWN, again)), (200, 200), "{stage}: the same word may come again");
        // The list of disks is open until the next stage, since many disks come in several reports.
        assert_eq!(event(OWN, "partitioned", "", ""), 200);
        let before = host();
        assert_eq!(send("10.0.0.77", other), 403, "{stage}");
        let after = host();
        let (before, attempt) = (before.attempt.unwrap(), after.attempt.clone().unwrap());
        assert_eq!((&attempt.disks, &attempt.host_key), (&before.disks, &before.host_key), "{stage}");
        let lines = |history: Vec<crate::host::HistoryLine>| {
            history.iter().filter(|l| l.what.as_str() == "contradicted").count()
        };
        assert_eq!(lines(site.store.journal().history(mac()).unwrap()), 1, "{stage}: once");
        assert_eq!(send("10.0.0.77", other), 403, "{stage}");
        assert_eq!(lines(site.store.journal().history(mac()).unwrap()), 1, "{stage}: once");
        assert!(site.log().contains("than it reported first"), "{}", site.log());
        assert_eq!(send(OWN, first), 200, "{stage}: the installation goes on");
    }
    let shown = host().attempt.unwrap().contradicted.unwrap();
    assert!(shown.as_str().contains("from 10.0.0.77: other disks (D1 D2 D9)"), "{shown}");
    let machine = crate::boot_context::BootContext::load(&site.store, mac(), None, &Default::default(), site.now());
    let advice = crate::manager::explain(&site.store, &machine, site.now()).advice.join(" ");
    assert!(advice.contains("was refused") && advice.contains("D1 D2 D9"), "{advice}");
    assert_eq!((host().ssh_host_key.clone(), host().proven_host_key().cloned()), (None, None));
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    assert_eq!(host().proven_host_key().unwrap().to_string(), key("a").replace("%20", " "));
    assert_eq!(host().last_disks().len(), 2);
    // While the next installation replaces the system, nobody is told the old key.
    site.pass("60s");
    site.arm(2);
    let token = site.begin();
    assert_eq!(host().proven_host_key(), None);
    assert_eq!(site.report(&token, "configured", "").status(), 200);
    let late = format!("cmd=event&mac={MAC}&token={token}&stage=configured&host_key={}", key("c"));
    assert_eq!(site.ask(&late).status(), 403, "a key behind a report without one");
    assert_eq!(site.report(&token, "failed", "x").status(), 200);
    assert_eq!(host().proven_host_key(), None);
}

#[test]
fn serials_from_the_network_open_no_disk() {
    let site = Site::new("armed");
    site.arm(1);
    let first = site.begin();
    let many = vec!["A"; 65].join(",");
    assert_eq!(site.report(&first, "disks", &many).status(), 400);
    let long = format!("{},B", "A".repeat(600));
    assert_eq!(site.report(&first, "disks", &long).status(), 400, "half a serial would be another disk");
    assert_eq!(site.report(&first, "disks", "VICTIM").status(), 200);
    // The retry names the serial, and the mark that the disk must carry: the network cannot put it there.
    let retry = site.answer(&site.ticket()).body_text();
    assert!(retry.contains("ANSWER_MAY_WIPE=( 'VICTIM')"));
    let mark = word_after(&retry, "ANSWER[disk_mark]='");
    assert_eq!(mark.len(), 36, "{mark}");
    site.set_state(HostState::Failed);
    site.arm(2);
    let other = site.answer(&site.ticket()).body_text();
    assert_ne!(word_after(&other, "ANSWER[disk_mark]='"), mark, "another permission, another mark");
}

/// Many disks are registered in several reports; a later installation is told of all of them, to wait for.
#[test]
fn many_disks_are_registered_in_several_reports() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    let names: Vec<String> = (0..64).map(|n| format!("naa.600508b1001c{n:048}")).collect();
    for part in names.chunks(15) {
        assert_eq!(site.report(&token, "disks", &part.join(",")).status(), 200);
    }
    let retry = site.answer(&site.ticket()).body_text();
    assert!(names.iter().all(|name| retry.contains(&format!(" '{name}'"))), "{retry}");
    assert!(retry.contains("\nANSWER_KNOWN=()\n"), "its system was never installed");
    let token = site.begin();
    assert_eq!(site.report(&token, "disks", &names.join(",")).status(), 200);
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    site.arm(2);
    let again = site.answer(&site.ticket()).body_text();
    let known = again.lines().find(|line| line.starts_with("ANSWER_KNOWN=(")).unwrap();
    assert!(names.iter().all(|name| known.contains(name)), "{known}");
    assert!(again.contains("\nANSWER_MAY_WIPE=()\n"), "what is waited for may not be wiped");
}

#[test]
fn a_log_is_kept_and_bounded() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    let query = format!("cmd=log&mac={MAC}&token={token}");
    assert_eq!(site.request("10.0.0.2", &query, b"line\nline\n").status(), 200);
    assert_eq!(std::fs::read(site.store.paths.install_log(mac(), 1)).unwrap(), b"line\nline\n");
    assert_eq!(site.request("10.0.0.2", &query, &vec![b'x'; (1 << 20) + 1]).status(), 413);
}

#[test]
fn a_log_comes_with_the_installation_or_soon_after() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    assert_eq!(site.report(&token, "failed", "x").status(), 200);
    let query = format!("cmd=log&mac={MAC}&token={token}");
    assert_eq!(site.request("10.0.0.2", &query, b"why").status(), 200);
    site.pass("11m");
    assert_eq!(site.request("10.0.0.2", &query, b"rewritten").status(), 409);
}
