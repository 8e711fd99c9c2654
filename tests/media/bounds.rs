// SPDX-License-Identifier: GPL-3.0-or-later
//! What a mirror sends without end, in every way in which bytes can come: it costs few bytes, little time, and no disk.

use crate::BUILD_REPOSITORY;
use crate::iso::OLD;
use crate::mirror::{Mirror, Raw, Reply};
use crate::site::{Answer, Disk, Site};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/octet-stream\r\n\r\n";

/// What comes without end, by a name.
fn endless() -> Vec<(&'static str, Raw)> {
    let raw = |first: String, again: Vec<u8>| Raw { first: first.into_bytes(), again, ..Raw::default() };
    let some = b"x: y\r\n".repeat(10_000);
    vec![
        ("a trailer", raw(format!("{CHUNKED}4\r\nabcd\r\n0\r\n"), some.clone())),
        ("a header", raw("HTTP/1.1 200 OK\r\n".to_owned(), some)),
        ("one line of a header", raw("HTTP/1.1 200 OK\r\nx: ".to_owned(), vec![b'y'; 60_000])),
        ("no line at all", raw(String::new(), vec![b'y'; 60_000])),
        ("an extension of a chunk", raw(format!("{CHUNKED}4;"), vec![b'y'; 60_000])),
        ("the size of a chunk", raw(CHUNKED.to_owned(), vec![b'0'; 60_000])),
        ("answers of 100", raw(String::new(), b"HTTP/1.1 100 Continue\r\n\r\n".repeat(2_000))),
        ("answers of 103", raw(String::new(), b"HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n".repeat(2_000))),
        (
            "chunks of one byte with much beside it",
            raw(CHUNKED.to_owned(), b"1;yyyyyyyyyyyyyyyy\r\na\r\n".repeat(3_000)),
        ),
    ]
}

/// The same a little at a time, which keeps every time-out of a read.
fn slow(raw: &Raw) -> Raw {
    let again = raw.again.get(..1).unwrap_or_default().to_vec();
    Raw { again, pause: Duration::from_millis(300), ..raw.clone() }
}

/// One run against it ends soon, with one line that names the file, and has taken at most so many bytes.
fn ends(path: &str, what: &str, raw: &Raw, more: &[&str], most: u64) {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let served = raw.clone();
    mirror.at(path, move |_| Reply::raw(&served));
    let began = Instant::now();
    let answer = site.fetch(&[&mirror], more);
    let took = began.elapsed();
    answer.fails(1, &[path]);
    assert!(took < Duration::from_secs(20), "{what} at {path} took {took:?}: {answer:?}");
    let taken = raw.taken.load(Ordering::Relaxed);
    // What lies in the buffers of the kernel was sent too.
    assert!(taken < most + (12 << 20), "{what} at {path}: {taken} bytes");
    assert!(site.published().is_empty());
}

#[test]
fn what_never_ends_is_ended_whatever_brings_it() {
    for (what, raw) in endless() {
        println!("{what}");
        ends(&OLD.path("CHECKSUM"), what, &raw, &[], 8 << 20);
    }
    for (what, raw) in endless() {
        println!("{what}");
        ends(&OLD.iso_path(), what, &raw, &[], 3 * OLD.iso.len() as u64 + (8 << 20));
    }
}

#[test]
fn what_drips_is_ended_whatever_brings_it() {
    std::thread::scope(|scope| {
        for (what, raw) in endless() {
            scope.spawn(move || ends(&OLD.iso_path(), what, &slow(&raw), &[], 0));
        }
    });
}

#[test]
fn a_package_that_never_ends_is_ended() {
    for (what, raw) in endless().into_iter().take(2) {
        println!("{what}");
        let (site, mirror) = (Site::new(), Mirror::new(&[]));
        let served = raw.clone();
        mirror.at("/x.rpm", move |_| Reply::raw(&served));
        let url = format!("{}/x.rpm", mirror.url);
        let began = Instant::now();
        let mut command = site.command_of(
            BUILD_REPOSITORY,
            &["--distro", "x86_64-linux-rockylinux-10", "--timeout", "1", "--retries", "0", &url],
        );
        Answer::from_output(command.output().unwrap()).fails(1, &["/x.rpm"]);
        assert!(began.elapsed() < Duration::from_secs(20), "{what} took {:?}", began.elapsed());
        assert!(raw.taken.load(Ordering::Relaxed) < 20 << 20, "{what}");
    }
}

/// Arguments by which the size of the ISO is not known.
fn without_size() -> [String; 4] {
    let digest = hps::types::Sha256Digest::hash(&OLD.iso).to_string();
    ["--release".to_owned(), "10.1".to_owned(), "--sha256".to_owned(), digest]
}

#[test]
fn a_file_without_a_size_that_never_ends_leaves_the_disk_as_it_was() {
    let site = Site::new();
    let disk = Disk::new(&site, "200m");
    let given = without_size();
    let more: Vec<&str> = given.iter().map(String::as_str).collect();
    let chunk = [b"10000\r\n".to_vec(), vec![7; 0x10000], b"\r\n".to_vec()].concat();
    let to_the_end = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n";
    for (first, again) in [(CHUNKED, chunk), (to_the_end, vec![7; 0x10000])] {
        let mirror = Mirror::new(&[&OLD]);
        let raw = Raw { first: first.as_bytes().to_vec(), again, ..Raw::default() };
        mirror.at(&OLD.iso_path(), move |_| Reply::raw(&raw));
        site.fetch(&[&mirror], &more).fails(1, &["No space left", "must stay free"]);
        assert!(site.isos().is_empty(), "no part of it stays: {:?}", site.isos());
        // One mirror's fault is not the site's.
        let site = Site::new();
        let disk = Disk::new(&site, "200m");
        site.fetch(&[&mirror, &Mirror::new(&[&OLD])], &more).says(&format!("{} published", OLD.distro()));
        drop(disk);
    }
    // A mirror that says that it is as large as no disk is one that lies.
    let lying = Mirror::new(&[&OLD]);
    lying.at(&OLD.iso_path(), |_| Reply { length: Some(20 << 30), ..Reply::new(200, vec![7; 1000]) });
    site.fetch(&[&lying], &more).fails(1, &["are needed for the ISO and its tree"]);
    assert!(site.isos().is_empty(), "{:?}", site.isos());
    site.fetch(&[&lying, &Mirror::new(&[&OLD])], &more).says(&format!("{} published", OLD.distro()));
    drop(disk);
}

#[test]
fn what_an_earlier_run_left_of_a_file_without_a_size_is_freed() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let given = without_size();
    let more: Vec<&str> = given.iter().map(String::as_str).collect();
    let disk = Disk::new(&site, "200m");
    std::fs::create_dir_all(site.distros(".iso")).unwrap();
    let part = site.distros(&format!(".iso/{}.part", OLD.name()));
    let note = format!("sha256 = \"{}\"\n[origin]\nurl = \"{}{}\"\n", more[3], mirror.url, OLD.iso_path());
    std::fs::write(&part, vec![7; 150 << 20]).unwrap();
    std::fs::write(site.distros(&format!(".iso/{}.part.toml", OLD.name())), note).unwrap();
    site.fetch(&[&mirror], &more).says(&format!("{} published", OLD.distro()));
    drop(disk);
}

#[test]
fn parts_of_older_releases_make_room() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let disk = Disk::new(&site, "200m");
    std::fs::create_dir_all(site.distros(".iso")).unwrap();
    for (name, bytes) in [("Rocky-10.0-x86_64-dvd1.iso.part", 140), ("Rocky-9.7-x86_64-dvd1.iso.part", 1)] {
        std::fs::write(site.distros(&format!(".iso/{name}")), vec![7; bytes << 20]).unwrap();
    }
    site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
    assert_eq!(site.isos(), ["Rocky-9.7-x86_64-dvd1.iso.part"], "of another line nothing is known");
    drop(disk);
}

#[test]
fn a_mirror_may_send_a_file_a_few_times_and_not_for_ever() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    // Each time a little more, and never with a range: each answer gets further than the one before.
    let asked = std::sync::Mutex::new(0usize);
    mirror.at(&OLD.iso_path(), move |_| {
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        let cut = OLD.iso.len() - 1;
        Reply { cut: Some(cut.min(*asked * (1 << 20))), ..Reply::new(200, &OLD.iso[..]) }
    });
    site.fetch(&[&mirror], &["--retries", "2"]).fails(1, &["10.1"]);
    assert!(mirror.seen(&OLD.iso_path()).len() < 12, "{}", mirror.seen(&OLD.iso_path()).len());
}
