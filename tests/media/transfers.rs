// SPDX-License-Identifier: GPL-3.0-or-later
//! Mirrors that send something else than the file, or send it badly.

use crate::iso::OLD;
use crate::mirror::{Mirror, Reply};
use crate::site::Site;
use std::time::{Duration, Instant};

/// A mirror whose ISO is answered so.
fn mirror(reply: impl Fn() -> Reply + Send + 'static) -> Mirror {
    let mirror = Mirror::new(&[&OLD]);
    mirror.at(&OLD.iso_path(), move |_| reply());
    mirror
}

fn is_not_published(site: &Site, mirror: &Mirror, code: i32, words: &[&str]) {
    let began = Instant::now();
    site.fetch(&[mirror], &[]).fails(code, words);
    assert!(began.elapsed() < Duration::from_secs(15), "{words:?} took {:?}", began.elapsed());
    assert!(site.published().is_empty(), "{:?}", site.published());
}

#[test]
fn an_iso_that_is_another_one() {
    let site = Site::new();
    let mut changed = OLD.iso.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    is_not_published(&site, &mirror(move || Reply::new(200, changed.clone())), 3, &["its SHA-256 is"]);
    assert!(site.isos().is_empty(), "no part of a wrong file stays: {:?}", site.isos());
    let shorter = OLD.iso.len() - 2048;
    is_not_published(&site, &mirror(move || Reply::new(200, &OLD.iso[..shorter])), 1, &["bytes, but CHECKSUM has"]);
    // The next mirror has the right one.
    let bad = mirror(|| Reply::new(200, vec![0; OLD.iso.len()]));
    site.fetch(&[&bad, &Mirror::new(&[&OLD])], &[]).says(&format!("{} published", OLD.distro()));
}

#[test]
fn a_page_in_the_place_of_a_file() {
    let site = Site::new();
    let page = || Reply::new(200, "<!DOCTYPE html><p>Please log in").header("Content-Type", "text/html");
    is_not_published(&site, &mirror(page), 1, &["page of text"]);
    let portal = Mirror::new(&[&OLD]);
    portal.at(&OLD.path("CHECKSUM"), move |_| page());
    is_not_published(&site, &portal, 1, &["page instead of CHECKSUM"]);
    let all = Mirror::new(&[&OLD]);
    all.rule(move |_| Some(page()));
    is_not_published(&site, &all, 1, &["has no such release"]);
}

#[test]
fn bodies_that_do_not_end_or_do_not_come() {
    let site = Site::new();
    let endless = || Reply { length: Some(0), endless: true, ..Reply::new(200, vec![0; 1 << 20]) };
    is_not_published(&site, &mirror(endless), 1, &["sends more than"]);
    let silent = || Reply { pause: Some((100_000, Duration::from_secs(20))), ..Reply::new(200, &OLD.iso[..]) };
    is_not_published(&site, &mirror(silent), 1, &["imeout"]);
    let trickle = || Reply { pace: Some((10, Duration::from_millis(100))), ..Reply::new(200, &OLD.iso[..]) };
    is_not_published(&site, &mirror(trickle), 1, &["it sent", "bytes in"]);
    let cut = || Reply { cut: Some(0), ..Reply::new(200, &OLD.iso[..]) };
    is_not_published(&site, &mirror(cut), 1, &["isconnected"]);

    let endless_listing = Mirror::new(&[&OLD]);
    endless_listing.at("/", move |_| endless());
    is_not_published(&site, &endless_listing, 1, &["more than the permitted 4194304 bytes"]);
    let slow_checksum = Mirror::new(&[&OLD]);
    slow_checksum.at(&OLD.path("CHECKSUM"), |_| Reply {
        pace: Some((1, Duration::from_millis(300))),
        ..Reply::new(200, &OLD.checksum[..])
    });
    is_not_published(&site, &slow_checksum, 1, &["too slowly"]);
    let mute = Mirror::new(&[&OLD]);
    mute.rule(|_| {
        std::thread::sleep(Duration::from_secs(4));
        None
    });
    is_not_published(&site, &mute, 1, &["imeout"]);
}

#[test]
fn redirects_lead_only_where_they_may() {
    let site = Site::new();
    for (target, word) in [
        ("file:///etc/passwd", "not an http or https address"),
        ("ftp://127.0.0.1/x", "not an http or https address"),
        ("gopher:x", "not an http or https address"),
        ("", "not an http or https address"),
        ("http://user:secret@127.0.0.1/x", "not an http or https address"),
    ] {
        let to = move || Reply::new(302, "").header("Location", target);
        is_not_published(&site, &mirror(to), 1, &[word]);
    }
    let round = mirror(|| Reply::new(302, "").header("Location", format!("/pub{}", OLD.iso_path())));
    is_not_published(&site, &round, 1, &["redirects without end"]);
    // As large sites do it: to another server.
    let (front, back) = (Mirror::new(&[&OLD]), Mirror::new(&[&OLD]));
    let to = format!("{}{}", back.url, OLD.iso_path());
    front.at(&OLD.iso_path(), move |_| Reply::new(307, "").header("Location", to.clone()));
    site.fetch(&[&front], &[]).says(&format!("{} published", OLD.distro()));
}

#[test]
fn what_may_pass_is_tried_again() {
    let site = Site::new();
    let busy = Mirror::new(&[&OLD]);
    for path in ["/".to_owned(), OLD.path("CHECKSUM"), OLD.iso_path()] {
        busy.once_at(&path, |_| Reply::new(503, "busy"));
    }
    site.fetch(&[&busy], &["--check"]).fails(1, &["503"]);
    busy.once_at("/", |_| Reply::new(503, "busy"));
    site.fetch(&[&busy], &["--retries", "1"]).says(&format!("{} published", OLD.distro()));
}

#[test]
fn a_limit_is_kept() {
    let site = Site::new();
    let began = Instant::now();
    let rate = OLD.iso.len() as u64 / 2;
    site.fetch(&[&Mirror::new(&[&OLD])], &["--limit", &rate.to_string()]).says(&format!("{} published", OLD.distro()));
    let took = began.elapsed();
    assert!(took > Duration::from_millis(1700), "{took:?}");
}
