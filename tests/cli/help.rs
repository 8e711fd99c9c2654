// SPDX-License-Identifier: GPL-3.0-or-later
//! What every program has: help with examples, a version, and a man page that is the same as its help.

use crate::PROGRAM;
use hps_cli::program::{Exit, VERSION};
use hps_cli::programs::PROGRAMS;
use std::path::Path;
use std::process::Command;

fn programs() -> Vec<(&'static str, clap::Command)> {
    use clap::CommandFactory as _;
    let front = ("hps", hps_cli::front::Arguments::command());
    PROGRAMS.iter().map(|program| (program.name, program.command())).chain([front]).collect()
}

#[test]
fn help_and_version() {
    for (name, _) in programs() {
        let program = Path::new(PROGRAM).with_file_name(name);
        let help = Command::new(&program).arg("--help").output().unwrap();
        let text = String::from_utf8_lossy(&help.stdout).into_owned();
        assert!(help.status.success() && text.contains("Examples:") && text.contains("Exit codes:"), "{name}: {text}");
        let version = Command::new(&program).arg("--version").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&version.stdout), format!("{name} {VERSION}\n"));
        assert_eq!(Command::new(&program).arg("--no-such-flag").output().unwrap().status.code(), Some(2));
    }
}

/// The codes are one list: the help of each program and the reference page have those of [`Exit`].
#[test]
fn exit_codes_are_those_of_the_programs() {
    let numbers = |words: &mut dyn Iterator<Item = &str>| -> Vec<u8> {
        words.filter_map(|word| word.trim().split(' ').next()?.parse().ok()).collect()
    };
    let codes = Exit::ALL.map(Exit::code);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/exit-codes.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert_eq!(numbers(&mut page.lines().filter_map(|line| line.strip_prefix('|'))), codes);
    for (name, command) in programs() {
        let help = command.get_after_help().unwrap().to_string();
        let line = help.lines().find_map(|line| line.strip_prefix("Exit codes:")).unwrap();
        assert_eq!(numbers(&mut line.split(';')), codes, "{name}");
    }
}

#[test]
fn every_command_about_hosts_has_examples() {
    for (name, command) in programs().into_iter().filter(|(name, _)| ["host-power", "host-state"].contains(name)) {
        for sub in command.get_subcommands() {
            let help = Command::new(Path::new(PROGRAM).with_file_name(name))
                .args([sub.get_name(), "--help"])
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&help.stdout).into_owned();
            assert!(text.contains(&format!("Examples:\n  {name} {}", sub.get_name())), "{}: {text}", sub.get_name());
        }
    }
}

/// `HPS_BLESS=1 cargo test` writes them anew.
#[test]
fn man_pages_are_those_of_the_arguments() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/man");
    for (name, command) in programs() {
        for (page, text) in crate::man::pages(name, &command) {
            let path = folder.join(format!("{page}.8"));
            if std::env::var_os("HPS_BLESS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &text).unwrap();
            }
            let expected = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(text == expected, "{}: not what the program says; HPS_BLESS=1 writes it anew", path.display());
        }
    }
}

/// A key that the program writes and the reference does not know is a key that nobody finds.
#[test]
fn every_key_of_the_cluster_file_is_in_the_reference() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/cluster-file.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let lab = include_str!("../fixtures/lab.cluster");
    let rule = "[[rule]]\nname = \"r\"\nmac = \"525400000001\"\nmac_prefix = \"52\"\nuuid = \"1\"\nserial = \"1\"\nproduct = \"1\"\n\
                type = \"SCH\"\nprofile = \"STORAGESINGLE\"\ndistro = \"x86_64-linux-debian-12\"\n";
    let text = hps::config::Cluster::parse(&format!("{lab}\n{rule}")).unwrap().to_text();
    let mut section = "";
    let mut keys = 0;
    for line in text.lines() {
        if line.starts_with('[') {
            section = line;
            assert!(docs.contains(section), "{section}");
        }
        let line = line.strip_prefix("# ").unwrap_or(line);
        let Some((key, _)) = line.split_once(" = ") else { continue };
        keys += 1;
        assert!(docs.contains(&format!("`{key}`")), "{key} of {section}");
    }
    assert!(keys > 45, "{keys}");
}

/// What cannot be right is said before half an hour of building, and whoever asks for help gets it.
#[test]
fn the_quickstart_says_what_it_takes() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let run = |arguments: &[&str]| {
        let quickstart = root.join("scripts/quickstart");
        // The folder is not to be made: a limit ends a run that would go on to build.
        let mut command = std::process::Command::new("timeout");
        command.arg("20").arg(quickstart).args(arguments).current_dir(&root);
        let folder = tempfile::tempdir().unwrap();
        let answer = command.env("HPS_QUICKSTART_DIR", folder.path().join("lab")).output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (answer.status.code(), text(&answer.stdout), text(&answer.stderr), folder.path().join("lab").exists())
    };
    let (code, out, err, _) = run(&["--help"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    for word in ["--uefi", "--iso FILE", "power-cycle", "down", "HPS_QUICKSTART_DIR"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    for file in ["README.md", "docs", "/dev/null"] {
        let (code, _, err, made) = run(&["--iso", file]);
        assert_eq!((code, made), (Some(1), false), "{file}: {err}");
        assert!(err.contains(file.rsplit('/').next().unwrap()) && err.contains("is not an ISO"), "{file}: {err}");
    }
    assert_eq!(run(&["--iso"]).0, Some(2));
}
