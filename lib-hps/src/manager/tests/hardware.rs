// SPDX-License-Identifier: GPL-3.0-or-later
//! What an installer reports of its machine's hardware: who may, what is kept, and what hostile reports do.

use super::site::{MAC, OWN, Site, mac};
use crate::manager::MAX_BODY_BYTES;

const SERVER: &str = include_str!("../../../../tests/fixtures/node/hardware-server.report");

fn send(site: &Site, token: &str, report: &[u8]) -> u16 {
    site.request(OWN, &format!("cmd=hardware&mac={MAC}&token={token}"), report).status()
}

fn lines(site: &Site, what: &str) -> Vec<String> {
    let history = site.store.journal().history(mac()).unwrap();
    let chosen = history.into_iter().filter(|line| line.what.as_str() == what);
    chosen.filter_map(|line| line.note).map(|note| note.to_string()).collect()
}

#[test]
fn an_installer_reports_its_hardware_once_and_what_changed() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    assert_eq!(send(&site, &token, SERVER.as_bytes()), 200);
    assert_eq!(send(&site, &token, SERVER.as_bytes()), 200, "after a lost reply");
    let record = site.store.hardware().get(mac()).unwrap().unwrap();
    assert_eq!((record.now.disks.len(), record.now.cards.len(), record.before), (3, 2, None));
    assert_eq!(lines(&site, "hardware reported").len(), 1);
    assert!(lines(&site, "hardware changed").is_empty());
    let less = SERVER.replace("section disk sda", "section other sda");
    assert_eq!(send(&site, &token, less.as_bytes()), 409, "a sender must not fill the history");
    site.pass("2m");
    assert_eq!(send(&site, &token, less.as_bytes()), 200);
    assert_eq!(lines(&site, "hardware changed"), ["disk ZC1234 (ST4000NM0025, 3.6 TiB) is gone"]);
    assert_eq!(site.store.hardware().losses(mac()).unwrap().len(), 1);
    let log = std::fs::read_to_string(site.store.paths.host_log(mac())).unwrap();
    assert!(log.contains("hardware changed: disk ZC1234"), "{log}");
}

#[test]
fn only_the_installer_of_the_attempt_reports() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    let foreign = format!("1-1-{}", "a".repeat(64));
    assert_eq!(send(&site, &foreign, SERVER.as_bytes()), 403);
    assert_eq!(send(&site, "x", SERVER.as_bytes()), 403);
    let other = format!("cmd=hardware&mac=525400000002&token={token}");
    assert_eq!(site.request(OWN, &other, SERVER.as_bytes()).status(), 403);
    assert_eq!(site.store.hardware().list().unwrap().len(), 0);
    assert_eq!(site.report(&token, "installed", "").status(), 200);
    assert_eq!(send(&site, &token, SERVER.as_bytes()), 409, "the installation is over");
    assert_eq!(site.store.hardware().list().unwrap().len(), 0);
}

#[test]
fn a_hostile_report_is_refused_or_becomes_text() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    let largest = usize::try_from(MAX_BODY_BYTES).unwrap();
    assert_eq!(send(&site, &token, &vec![b'x'; largest + 1]), 413);
    assert_eq!(send(&site, &token, &vec![b'x'; largest]), 413);
    for bad in ["", "hps-hardware 1\n", "{\"disks\": []}", "hps-hardware 9\nend\n"] {
        assert_eq!(send(&site, &token, bad.as_bytes()), 400, "{bad}");
    }
    let hostile = SERVER
        .replace("ST4000NM0025", "<script>alert(1)</script>\u{1b}[2J'; rm -rf / #")
        .replace("section disk nvme0n1", "section disk ../../../etc/passwd");
    let mut bytes = hostile.into_bytes();
    bytes.splice(15..15, *b"section board\n product_name \xff\xfe\x00\x1b]0;\n");
    assert_eq!(send(&site, &token, &bytes), 200);
    let record = site.store.hardware().get(mac()).unwrap().unwrap();
    assert_eq!(record.now.disks.len(), 3);
    assert!(!record.to_text().contains('\u{1b}') && !record.to_text().contains("\\u001b"));
    let folder = site.store.paths.hardware_dir();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let files: Vec<_> = files.filter(|name| !name.to_string_lossy().starts_with('.')).collect();
    assert_eq!(files, [format!("{MAC}.toml").as_str()]);
}

#[test]
fn a_record_that_cannot_be_read_is_written_again() {
    let site = Site::new("armed");
    site.arm(1);
    let token = site.begin();
    let path = site.store.paths.hardware(mac());
    std::fs::write(path.path(), "version = 1\nnow = 7\n").unwrap();
    assert!(site.store.hardware().get(mac()).is_err());
    assert_eq!(send(&site, &token, SERVER.as_bytes()), 200);
    assert!(site.store.hardware().get(mac()).unwrap().is_some());
}
