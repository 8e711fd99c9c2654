// SPDX-License-Identifier: GPL-3.0-or-later
//! The golden kickstarts, as ksvalidator reads them, and what it does not see: its scripts, as bash reads them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// All of them, in the folders of their systems too.
fn kickstarts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/answer");
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "ks") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 20, "one for each type, profile and system: {found:?}");
    found
}

/// At once: each start of Python takes a second.
#[test]
fn ksvalidator_has_nothing_to_say() {
    for release in ["RHEL9", "RHEL10"] {
        let number = release.trim_start_matches("RHEL");
        let all = kickstarts();
        let mut of_release: Vec<&PathBuf> = Vec::new();
        for path in &all {
            let folder = path.parent().and_then(Path::file_name).unwrap().to_string_lossy();
            if folder.ends_with(&format!("-{number}")) || folder == "answer" {
                of_release.push(path);
            }
        }
        assert!(of_release.len() > 10);
        nothing_to_say(release, &of_release);
    }
}

fn nothing_to_say(release: &str, paths: &[&PathBuf]) {
    let output = Command::new("ksvalidator").args(["-v", release]).args(paths).output();
    let output = output.expect("ksvalidator is missing: scripts/setup test installs it, scripts/test finds it");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let rest: Vec<&str> = said.lines().filter(|l| !l.is_empty() && !l.starts_with("Checking kickstart file")).collect();
    assert!(output.status.success() && rest.is_empty(), "as {release}: {said}");
}

/// What the first script writes for Anaconda, in the place of the line that includes it.
#[test]
fn ksvalidator_has_nothing_to_say_of_the_disks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (pool, mirror, efi) in [
        ("none", "no", "no"),
        ("same", "no", "no"),
        ("rest", "no", "no"),
        ("none", "yes", "no"),
        ("same", "yes", "yes"),
        ("rest", "yes", "yes"),
    ] {
        let written =
            Command::new(root.join("tests/node/disks")).args(["--layout", pool, mirror, efi]).output().unwrap();
        let layout = String::from_utf8(written.stdout).unwrap();
        assert!(written.status.success() && layout.contains("bootloader --boot-drive="), "{layout}");
        let mut names: Vec<&str> = layout
            .lines()
            .filter_map(|line| match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["volgroup", name, ..] => Some(*name),
                ["raid", _, device, ..] => device.strip_prefix("--device="),
                _ => None,
            })
            .collect();
        let all = names.len();
        let arrays = match (mirror, efi) {
            ("no", _) => 0,
            (_, "no") => 3,
            _ => 4,
        };
        let of_pool = match (pool, mirror) {
            ("none", _) => 0,
            ("same", "no") => 1,
            _ => 2,
        };
        assert_eq!(all, arrays + of_pool, "{layout}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "Anaconda refuses two things of one name: {layout}");
        let golden = std::fs::read_to_string(root.join("tests/golden/answer/kickstart-rocky-10-sch.ks")).unwrap();
        let whole = golden.replace("%include /tmp/hps-disks.ks\n", &layout);
        assert_ne!(whole, golden);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("whole.ks");
        std::fs::write(&path, whole).unwrap();
        for release in ["RHEL9", "RHEL10"] {
            nothing_to_say(release, &[&path]);
        }
    }
}

/// ksvalidator takes any text for a script.
#[test]
fn every_script_is_one_that_bash_can_read() {
    for path in kickstarts() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut script: Option<String> = None;
        let mut count = 0;
        for line in text.lines() {
            let word = line.split(' ').next().unwrap_or_default();
            match (word, &mut script) {
                ("%pre" | "%pre-install" | "%post" | "%onerror", None) => {
                    assert!(line.contains("--interpreter=/bin/bash"), "{line}");
                    script = Some(String::new());
                }
                ("%end", Some(body)) => {
                    let checked = Command::new("bash").args(["-n", "-c", body]).output().unwrap();
                    assert!(
                        checked.status.success(),
                        "{}: {}",
                        path.display(),
                        String::from_utf8_lossy(&checked.stderr)
                    );
                    count += 1;
                    script = None;
                }
                (_, Some(body)) => {
                    body.push_str(line);
                    body.push('\n');
                }
                _ => {}
            }
        }
        assert_eq!((count, script), (6, None), "{}: six scripts, each with its end", path.display());
    }
}
