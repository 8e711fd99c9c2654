// SPDX-License-Identifier: GPL-3.0-or-later
//! Runs that are killed, stopped, or not alone.

use super::LINE;
use super::readers::read;
use crate::key::GOOD;
use crate::mirror::{Mirror, Reply};
use crate::rpm::Spec;
use crate::site::{Answer, Site};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn a_run_that_is_killed_leaves_the_old_or_the_new() {
    let site = Site::new();
    let (first, second) = (Spec::new("first", "1.0"), Spec::new("second", "1.0"));
    let (a, b) = (site.stick("a.rpm", &first.signed(&GOOD)), site.stick("b.rpm", &second.signed(&GOOD)));
    assert_eq!(site.build(&[&a]).code, Some(0));
    let whole = Instant::now();
    assert_eq!(site.build(&[&b]).code, Some(0));
    let whole = whole.elapsed();
    assert_eq!(site.build(&["--remove", "second"]).code, Some(0));
    let (old, new) = (vec![first.file_name()], vec![first.file_name(), second.file_name()]);
    let (mut olds, mut news, mut ended) = (0, 0, 0);
    let mut life = Duration::ZERO;
    // Each lives a little longer than the one before, until two came to their end by themselves.
    while ended < 2 {
        let mut child = site.packaging(LINE, &[&b]).spawn().unwrap();
        std::thread::sleep(life);
        life += whole / 30;
        assert!(life < whole * 20, "no run ends");
        ended += usize::from(child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        child.wait().unwrap();
        let died = Instant::now();
        let names = read(&site.packages("Repo"));
        assert!(names == old || names == new, "{names:?}");
        // What the killed run had started goes on for a moment: it may still have the lock, or make a folder that was just removed.
        let verify = loop {
            let answer = site.build(&["--verify"]);
            let settled = answer.code != Some(5) && site.leftovers().is_empty();
            if settled || died.elapsed() > Duration::from_secs(5) {
                break answer;
            }
        };
        assert_eq!(verify.code, Some(0), "{verify:?}");
        site.is_tidy();
        if names == new {
            news += 1;
            assert_eq!(site.build(&["--remove", "second"]).code, Some(0));
        } else {
            olds += 1;
        }
    }
    assert!(olds > 5 && news > 0, "{olds} before, {news} after: the kills did not fall into the run");
}

/// A server that stops for a long time in the middle of a package.
fn slow(package: Vec<u8>) -> Mirror {
    let mirror = Mirror::new(&[]);
    mirror.at("/tool.rpm", move |_| Reply {
        pause: Some((500, Duration::from_secs(30))),
        ..Reply::new(200, package.clone())
    });
    mirror
}

fn wait_for(mirror: &Mirror) {
    let until = Instant::now() + Duration::from_secs(20);
    while !mirror.has_seen("tool.rpm") {
        assert!(Instant::now() < until, "nothing is asked for");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn ctrl_c_ends_at_once_and_leaves_nothing() {
    let site = Site::new();
    let mirror = slow(Spec::new("tool", "1.0").signed(&GOOD));
    let child = site.packaging(LINE, &["--timeout", "60", &format!("{}/tool.rpm", mirror.url)]).spawn().unwrap();
    wait_for(&mirror);
    let began = Instant::now();
    signal(&child, "INT");
    let answer = Answer::from_output(child.wait_with_output().unwrap());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    answer.fails(1, &["stopped", "the repository is unchanged"]);
    assert!(site.repo().is_empty());
    site.is_tidy();
}

#[test]
fn a_second_run_says_who_holds_it() {
    let site = Site::new();
    let mirror = slow(Spec::new("tool", "1.0").signed(&GOOD));
    let mut child = site.packaging(LINE, &["--timeout", "60", &format!("{}/tool.rpm", mirror.url)]).spawn().unwrap();
    wait_for(&mirror);
    let process = format!("process {}", child.id());
    let file = site.stick("other.rpm", &Spec::new("other", "1.0").signed(&GOOD));
    for arguments in [&[file.as_str()][..], &["--remove", "x"], &["--verify"]] {
        site.build(arguments).fails(5, &["another run is in progress", &process, "since 2"]);
    }
    // Asking changes nothing, and waits for nobody; neither does another distro.
    site.build(&["--list"]).is_silent();
    assert_eq!(site.build(&["--dry-run", &file]).code, Some(10));
    let other = site.packaging("x86_64-linux-almalinux-10", &[&file]).output().unwrap();
    assert_eq!(other.status.code(), Some(0), "{other:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(site.build(&[&file]).code, Some(0), "whoever dies holds nothing");
    site.is_tidy();
}

/// Files that are long out of the metadata by their age, and were never marked so: the run was killed before it could.
#[test]
fn a_day_begins_with_the_run_that_takes_a_file_out() {
    let site = Site::new();
    let (kept, gone) = (Spec::new("kept", "1.0"), Spec::new("gone", "1.0"));
    let (a, b) = (site.stick("a.rpm", &kept.signed(&GOOD)), site.stick("b.rpm", &gone.signed(&GOOD)));
    assert_eq!(site.build(&[&a, &b]).code, Some(0));
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(30 * 86_400);
    let path = site.packages("Repo").join(gone.file_name());
    assert_eq!(site.build(&["--remove", "gone"]).code, Some(0));
    let as_left = |mode: u32| {
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        file.set_modified(long_ago).unwrap();
    };
    as_left(0o644);
    site.build(&["--verify"]).says(&format!("{LINE}: 1 package, all verified"));
    assert!(path.exists(), "readers of the old metadata have a day");
    as_left(0o444);
    site.build(&["--verify"]).says(&format!("{LINE}: 1 package, all verified"));
    assert!(!path.exists(), "and no more");
}
