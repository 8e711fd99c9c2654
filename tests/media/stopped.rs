// SPDX-License-Identifier: GPL-3.0-or-later
//! Runs that are stopped, killed, alone or not, and disks that are full.

use crate::iso::{NEW, OLD};
use crate::mirror::{Mirror, Reply};
use crate::programs::WITH_PROGRAMS;
use crate::site::{Answer, Disk, Site, signal};
use std::time::{Duration, Instant};

/// The part is there and has begun.
fn wait_for_part(site: &Site) {
    let part = site.distros(&format!(".iso/{}.part", OLD.name()));
    let until = Instant::now() + Duration::from_secs(20);
    while !std::fs::metadata(&part).is_ok_and(|m| m.len() > 0) {
        assert!(Instant::now() < until, "nothing comes");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A mirror that stops for a long time in the middle of the ISO, once.
fn slow() -> Mirror {
    let mirror = Mirror::new(&[&OLD]);
    mirror.once_at(&OLD.iso_path(), |request| Reply {
        pause: Some((1_000_000, Duration::from_secs(30))),
        ..Reply::of_file(request, &OLD.iso, "\"one\"")
    });
    mirror.rule(|_| None);
    mirror
}

#[test]
fn ctrl_c_ends_at_once_and_leaves_a_part_that_resumes() {
    let (site, mirror) = (Site::new(), slow());
    let child = site.fetching(&[&mirror], &["--timeout", "60"]).spawn().unwrap();
    wait_for_part(&site);
    let began = Instant::now();
    signal(&child, "INT");
    let answer = Answer::from_output(child.wait_with_output().unwrap());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    answer.fails(1, &["stopped", "next run"]);
    assert!(site.isos().contains(&format!("{}.part", OLD.name())) && site.published().is_empty());
    site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
    assert!(mirror.seen(&OLD.iso_path())[1].range().is_some_and(|first| first > 0), "taken up");
}

#[test]
fn a_second_run_says_who_holds_it() {
    let (site, mirror) = (Site::new(), slow());
    let mut child = site.fetching(&[&mirror], &["--timeout", "60"]).spawn().unwrap();
    wait_for_part(&site);
    let process = format!("process {}", child.id());
    site.fetch(&[&mirror], &[]).fails(5, &["another run is in progress", &process, "since 2"]);
    site.run(&["--remove", &OLD.distro()]).fails(5, &["another run"]);
    // Asking changes nothing, and waits for nobody.
    assert_eq!(site.fetch(&[&mirror], &["--check"]).code, Some(10));
    site.run(&["--list"]).is_silent();
    child.kill().unwrap();
    child.wait().unwrap();
    site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
}

#[test]
fn killed_at_any_moment_trees_are_whole() {
    let site = Site::new();
    let mirror = Mirror::new(&[&OLD]);
    site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
    let both = Mirror::new(&[&OLD, &NEW]);
    let whole = |site: &Site| {
        let listed = site.run(&["--verify"]);
        assert_eq!(listed.code, Some(0), "{listed:?}");
        let names: Vec<String> = site.published().into_iter().filter(|name| !name.starts_with('.')).collect();
        assert!(names == [OLD.distro()] || names == [OLD.distro(), NEW.distro()], "{names:?}");
        names.len() == 2
    };
    let (mut published, mut killed, mut delay) = (0, 0, 5);
    while published < 2 {
        let mut child = site.fetching(&[&both], &[]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        delay += 17;
        if whole(&site) {
            published += 1;
            site.run(&["--remove", &NEW.distro()]).says(&format!("{} removed", NEW.distro()));
            delay /= 2;
        }
        assert!(killed < 400, "it never ends");
    }
    // What was left is taken up or removed.
    site.fetch(&[&both], &[]).says(&format!("{} published", NEW.distro()));
    assert_eq!(site.published(), [OLD.distro(), NEW.distro()]);
    assert!(site.isos().is_empty(), "{:?}", site.isos());
    assert!(killed > 5, "{killed}");
}

/// A program that extracts for a long time, and has started others, ends with the run that was killed, and the next run works.
#[test]
fn what_a_killed_run_has_started_ends_with_it() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let programs = site.path("programs");
    std::fs::create_dir(&programs).unwrap();
    let (real, pids) = (site.path("real"), site.path("pids"));
    std::fs::copy("/usr/bin/xorriso", &real).unwrap();
    // It writes on and on into the tree, by itself and by another process. That nobody reads its words any more, or that its folder is
    // removed, ends neither.
    let script = format!(
        "#!/bin/bash\n[[ \" $* \" == *' -extract / '* ]] || exec {} \"$@\"\n\
         exec > /dev/null 2>&1\n\
         write() {{ trap '' TERM HUP INT PIPE; echo $BASHPID >> {}; for ((n = 0; n < 3000; n++)); do mkdir -p \"$1\"; : > \"$1/$n\"; sleep 0.01; done; }}\n\
         write \"${{@: -1}}/a\" & write \"${{@: -1}}/b\"\n",
        real.display(),
        pids.display()
    );
    std::fs::write(programs.join("xorriso"), script).unwrap();
    std::fs::set_permissions(programs.join("xorriso"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let fetching = site.fetching(&[&mirror], &[]);
    let started = || std::fs::read_to_string(&pids).unwrap_or_default();
    for signalled in ["KILL", "TERM"] {
        let _old = std::fs::remove_file(&pids);
        let mut command = site.command_of("unshare", &["--mount", "sh", "-c", WITH_PROGRAMS, "sh"]);
        command.arg(&programs).arg(fetching.get_program()).args(fetching.get_args());
        let mut child = command.spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        while started().lines().count() < 2 {
            assert!(Instant::now() < until, "nothing is extracted");
            std::thread::sleep(Duration::from_millis(10));
        }
        signal(&child, signalled);
        child.wait().unwrap();
        // The run right after it, with the real program.
        site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
        for pid in started().lines() {
            let goes_on = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            assert_eq!(goes_on, "", "SIG{signalled}");
        }
        site.run(&["--remove", &OLD.distro()]).says(&format!("{} removed", OLD.distro()));
    }
}

#[test]
fn a_disk_that_is_too_small_is_found_before_anything_is_downloaded() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let disk = Disk::new(&site, "60m");
    site.fetch(&[&mirror], &[]).fails(1, &["are needed for the ISO and its tree", "free"]);
    assert_eq!(std::fs::metadata(site.distros(&format!(".iso/{}.part", OLD.name()))).unwrap().len(), 0);
    assert!(site.published().is_empty());
    drop(disk);
}

#[test]
fn a_disk_that_gets_full_costs_nothing_that_was_there() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let disk = Disk::new(&site, "90m");
    mirror.once_at(&OLD.iso_path(), |request| Reply {
        pause: Some((1_000_000, Duration::from_secs(3))),
        ..Reply::of_file(request, &OLD.iso, "\"one\"")
    });
    let child = site.fetching(&[&mirror], &["--timeout", "20"]).spawn().unwrap();
    wait_for_part(&site);
    let filler = site.distros(".filler");
    // All but a little, which the ISO needs and more.
    let full = std::io::copy(&mut std::io::repeat(0), &mut std::fs::File::create(&filler).unwrap());
    assert!(full.is_err());
    Answer::from_output(child.wait_with_output().unwrap()).fails(1, &["cannot write", "No space left"]);
    std::fs::remove_file(&filler).unwrap();
    site.fetch(&[&mirror], &[]).says(&format!("{} published", OLD.distro()));
    assert!(mirror.seen(&OLD.iso_path())[1].range().is_some());
    drop(disk);
}
