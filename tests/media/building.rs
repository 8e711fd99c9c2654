// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-image` from the question to apt to the published build: from cron, killed, alone or not, on a disk that is full.

use crate::debian::{DEBIAN, ago, debian};
use crate::site::{Answer, Disk, Site, signal};
use hps::media::Item;
use hps::media::build::Builder;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::time::{Duration, Instant, UNIX_EPOCH};

/// What was published, from the one line that says so.
fn published(answer: &Answer) -> Item {
    let first = answer.out.split(" published").next().unwrap();
    let item = first.parse().unwrap_or_else(|_| panic!("{answer:?}"));
    assert_eq!((answer.code, answer.out.lines().count(), answer.err.as_str()), (Some(0), 1, ""), "{answer:?}");
    item
}

/// As if it had ceased to be the newest one so many hours ago.
fn age(site: &Site, item: &Item, hours: i64) {
    let time = UNIX_EPOCH + Duration::from_secs(ago(hours).as_unix());
    std::fs::File::open(site.place(item)).unwrap().set_modified(time).unwrap();
}

fn wait_until(what: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !what() {
        assert!(Instant::now() < until, "it never comes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_cron_job_says_what_it_did_and_nothing_else() {
    let site = Site::with_workshop();
    let check = site.make(&["--check"]);
    assert_eq!((check.code, check.out.lines().count()), (Some(10), 2), "{check:?}");
    assert!(site.builds().is_empty() && site.hidden().is_empty());
    let first = published(&site.make(&[]));
    site.make(&[]).is_silent();
    site.make(&["--check"]).is_silent();
    site.build_image(&["--verify"]).says(&format!("{first}: every file is unchanged"));
    let place = site.place(&first);
    let mut names: Vec<String> =
        std::fs::read_dir(&place).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = [
        "SCH.tar.zst",
        "contents-SCH.txt",
        "initrd.img",
        "manifest.toml",
        "packages-SCH.txt",
        "packages.txt",
        "vmlinuz",
    ];
    assert_eq!(names, expected);
    // Root's, and everybody may read them.
    let rights = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).unwrap();
        (metadata.uid(), metadata.permissions().mode() & 0o7777)
    };
    assert_eq!(rights(&place), (0, 0o755));
    assert!(names.iter().all(|name| rights(&place.join(name)) == (0, 0o644)));
    assert_eq!(rights(&site.distros(&format!("{DEBIAN}/current.toml"))), (0, 0o644));

    site.apt_has("6.1.10-1");
    let check = site.make(&["--check"]);
    assert_eq!((check.code, check.out.trim()), (Some(10), "linux-image-6.1.0-9-amd64 6.1.9-1 -> 6.1.10-1"));
    let second = published(&site.make(&[]));
    let third = published(&site.make(&["--force"]));
    assert_eq!(site.builds(), [&first, &second, &third].map(ToString::to_string), "the two before it are young");
    // The one that is too many is a day old, and goes although there is nothing new.
    age(&site, &first, 24);
    age(&site, &second, 24);
    site.make(&["--keep", "2"]).is_silent();
    site.make(&["--dry-run"]).is_silent();
    site.make(&[]).says(&format!("{first} removed"));
    site.make(&[]).is_silent();
    let fourth = site.make(&["--force", "--keep", "0", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&fourth.out).unwrap();
    assert_eq!((&json["new"], &json["removed"][0]), (&true.into(), &second.to_string().into()), "{fourth:?}");
    assert_eq!(site.builds().len(), 2, "the third was the newest one just now");
    let log = site.log();
    let lines = [
        format!("{first} published from Debian's packages with linux-image-6.1.0-9-amd64 6.1.9-1"),
        format!("{first} removed by --keep 1"),
        format!("{second} removed by --keep 0"),
    ];
    assert!(lines.iter().all(|line| log.contains(line)) && log.lines().count() == 6, "{log}");
}

#[test]
fn too_many_builds_and_one_that_a_host_needs() {
    let site = Site::with_workshop();
    let builds = [site.publish(60), site.publish(50), site.publish(40), site.publish(30)];
    let permission = site.arm();
    site.begin(&permission, &builds[0]);
    let record = site.record();
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, "broken").unwrap();
    let fifth = published(&site.make(&["--keep", "0"]));
    assert_eq!(site.builds().len(), 5, "nobody can say who needs them");
    std::fs::write(&record, text).unwrap();
    age(&site, &builds[3], 3);
    // A machine may have been told of the fifth when another one becomes the newest.
    let sixth = site.make(&["--keep", "0", "--force"]);
    let [installing, second, third, fourth] = builds.each_ref().map(ToString::to_string);
    let removed = format!("; {fourth} removed; {third} removed; {second} removed");
    assert!(sixth.code == Some(0) && sixth.out.trim_end().ends_with(&removed), "{sixth:?}");
    assert_eq!(site.builds()[..2], [installing.clone(), fifth.to_string()]);
    age(&site, &fifth, 3);
    site.make(&["--keep", "0"]).says(&format!("{fifth} removed"));
    site.make(&["--keep", "0"]).is_silent();
    site.end(&permission);
    site.make(&["--keep", "0"]).says(&format!("{installing} removed"));
    assert_eq!(site.builds().len(), 1);
}

#[test]
fn killed_at_any_moment_builds_are_whole() {
    let site = Site::with_workshop();
    let began = Instant::now();
    let first = published(&site.make(&[]));
    let whole = began.elapsed();
    let (mut made, mut killed) = (0, 0);
    // From its beginning to behind its end, and until both were seen.
    for part in 1.. {
        let mut child = site.making(&["--force", "--keep", "99"]).spawn().unwrap();
        std::thread::sleep(whole * part / 20);
        child.kill().unwrap();
        child.wait().unwrap();
        let verified = site.build_image(&["--verify"]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        // Whoever works on it next makes the newest one of what was put in place. What the run had started may still write.
        wait_until(|| Builder::lock(&site.distros(""), &site.base(), &debian(), ago(0)).is_ok());
        let list = site.build_image(&["--list"]).out;
        let newest = site.builds().pop().unwrap();
        assert!(list.starts_with(&newest) && list.lines().next().unwrap().contains("; the newest"), "{list}");
        if site.builds().len() > made + 1 {
            made += 1
        } else {
            killed += 1
        }
        if part >= 24 && made > 0 {
            break;
        }
        assert!(part < 100, "it never ends");
    }
    assert!(killed > 5, "{killed}");
    site.make(&["--keep", "99"]).is_silent();
    assert!(site.hidden().is_empty(), "{:?}", site.hidden());
    let list = site.build_image(&["--list"]).out;
    assert!(list.lines().next().unwrap().contains("; the newest") && site.builds()[0] == first.to_string(), "{list}");
}

#[test]
fn the_next_run_ends_what_was_put_in_place() {
    let site = Site::with_workshop();
    let old = published(&site.make(&[]));
    let new = published(&site.make(&["--force"]));
    // As it was between the two renames.
    let at = |name: &str| site.distros(&format!("{DEBIAN}/{name}"));
    std::fs::rename(at("current.toml"), at(".build-current.toml")).unwrap();
    std::fs::copy(site.place(&old).join("manifest.toml"), at("current.toml")).unwrap();
    age(&site, &old, 24);
    std::fs::create_dir(at(".build-x")).unwrap();
    std::fs::rename(site.path("srv/log/media.log"), site.path("before.log")).unwrap();
    assert!(site.build_image(&["--list"]).out.contains(&format!("{old}  ")));
    site.make(&["--keep", "0"]).is_silent();
    assert!(site.hidden().is_empty(), "{:?}", site.hidden());
    let list = site.build_image(&["--list"]).out;
    assert!(list.starts_with(&new.to_string()) && list.contains("it was the newest build until"), "{list}");
    assert!(
        site.log().contains(&format!("{new} published: completed the work of a run that was killed")),
        "{}",
        site.log()
    );
}

#[test]
fn ctrl_c_leaves_nothing_and_a_second_run_is_told_who() {
    let site = Site::with_workshop();
    std::fs::write(site.path("fake/slow"), "").unwrap();
    let child = site.making(&[]).spawn().unwrap();
    wait_until(|| site.path("fake/begun").exists());
    let process = format!("process {}", child.id());
    site.make(&[]).fails(5, &["another run is in progress", &process, "since 2"]);
    let began = Instant::now();
    signal(&child, "INT");
    Answer::from_output(child.wait_with_output().unwrap()).fails(1, &["stopped"]);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(site.builds().is_empty() && site.hidden().is_empty(), "{:?}", site.hidden());
    assert_eq!(site.log(), "");
}

/// Each of the programs that is asked before anything is built.
#[test]
fn ctrl_c_waits_for_no_program_that_is_asked() {
    for program in ["getent", "apt-get", "apt-config"] {
        let site = Site::with_workshop();
        site.hangs(program);
        let child = site.making(&[]).spawn().unwrap();
        let number = || std::fs::read_to_string(site.path("fake/begun")).unwrap_or_default().trim().to_owned();
        wait_until(|| !number().is_empty());
        let began = Instant::now();
        signal(&child, "INT");
        Answer::from_output(child.wait_with_output().unwrap()).fails(1, &[&format!("{program} was stopped")]);
        assert!(began.elapsed() < Duration::from_secs(4), "{program}: {:?}", began.elapsed());
        let goes_on = std::fs::read_to_string(format!("/proc/{}/cmdline", number())).unwrap_or_default();
        assert_eq!(goes_on, "", "{program}");
        assert!(site.builds().is_empty() && site.hidden().is_empty(), "{:?}", site.hidden());
    }
}

#[test]
fn a_disk_that_is_too_small_is_found_before_anything_is_built() {
    let site = Site::with_workshop();
    let disk = Disk::new(&site, "60m");
    site.make(&[]).fails(1, &["2.2 GiB are needed to build", "are free", "make room"]);
    assert!(!site.path("fake/begun").exists() && site.builds().is_empty() && site.hidden().is_empty());
    assert_eq!(site.make(&["--check"]).code, Some(10), "asking needs none");
    let item = site.publish(30);
    let text = std::fs::read_to_string(site.place(&item).join("manifest.toml")).unwrap();
    assert!(text.contains("[[packages]]"));
    drop(disk);
}

#[test]
fn what_is_mounted_in_a_leftover_is_left_and_said() {
    let site = Site::with_workshop();
    let item = site.publish(30);
    let root = format!("{DEBIAN}/.build-dead/root/dev");
    std::fs::create_dir_all(site.distros(&root)).unwrap();
    let disk = Disk::at(&site, &root, "1m");
    std::fs::write(site.distros(&root).join("null"), "").unwrap();
    site.make(&[]).fails(1, &[".build-dead: cannot remove", "it contains a mount"]);
    assert!(site.distros(&root).join("null").exists() && site.builds() == [item.to_string()]);
    drop(disk);
    published(&site.make(&[]));
    assert!(site.hidden().is_empty());
}
