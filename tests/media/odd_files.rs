// SPDX-License-Identifier: GPL-3.0-or-later
//! Pipes, sockets, devices and folders where a file is expected: each is refused at once, with its name, and nothing waits for it.

use crate::BUILD_REPOSITORY;
use crate::iso::OLD;
use crate::site::{Answer, Site};
use std::path::Path;
use std::process::Command;

/// A run that ends within 20 seconds, or hangs (124).
fn soon(site: &Site, program: &str, arguments: &[&str]) -> Answer {
    let mut all = vec!["20", program];
    all.extend(arguments);
    Answer::from_output(site.command_of("timeout", &all).output().unwrap())
}

/// Each kind of thing that is no file, made at a path, and what it is called.
const ODD: [(&str, &str); 6] = [
    ("mkfifo", "a FIFO"),
    ("mkdir", "a folder"),
    ("ln -s /dev/zero", "a device"),
    ("ln -s /dev/tty", "a device"),
    ("mknod -m 600 PATH b 7 99 #", "a device"),
    ("python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])'", "a socket"),
];

fn becomes(path: &Path, command: &str) {
    let at = path.display().to_string();
    let command = if command.contains("PATH") { command.replace("PATH", &at) } else { format!("{command} {at}") };
    let made = Command::new("sh").args(["-c", &format!("rm -rf {at}; {command}")]).status().unwrap();
    assert!(made.success(), "{command}");
}

#[test]
fn an_iso_its_checksum_and_its_signature() {
    let site = Site::new();
    let folder = site.path("stick");
    std::fs::create_dir_all(&folder).unwrap();
    let iso = folder.join(OLD.name());
    for name in [OLD.name().as_str(), "CHECKSUM", "CHECKSUM.sig", "CHECKSUM.asc"] {
        for (command, what) in ODD {
            std::fs::write(folder.join("CHECKSUM"), &OLD.checksum).unwrap();
            std::fs::write(folder.join("CHECKSUM.sig"), &OLD.signature).unwrap();
            std::fs::write(&iso, &OLD.iso).unwrap();
            becomes(&folder.join(name), command);
            let answer = soon(&site, crate::PROGRAM, &["--from-file", iso.to_str().unwrap()]);
            answer.fails(3, &[&format!("{name}: it is {what}, not a file")]);
            becomes(&folder.join(name), "true");
        }
    }
    becomes(&iso, "mkfifo");
    let digest = hps::types::Sha256Digest::hash(&OLD.iso).to_string();
    for more in [&["--dry-run"][..], &[]] {
        let arguments = [&["--from-file", iso.to_str().unwrap(), "--sha256", &digest], more].concat();
        soon(&site, crate::PROGRAM, &arguments).fails(3, &["it is a FIFO"]);
    }
    assert!(site.published().is_empty());
}

#[test]
fn a_package_and_a_key() {
    let site = Site::new();
    let path = site.path("x.rpm");
    let at = path.to_str().unwrap();
    for (command, what) in ODD {
        becomes(&path, command);
        for arguments in [&[at][..], &["--dry-run", at], &["--key", at]] {
            let arguments = [&["--distro", "x86_64-linux-rockylinux-10"], arguments].concat();
            soon(&site, BUILD_REPOSITORY, &arguments).fails(3, &[&format!("it is {what}, not a file")]);
        }
    }
}

#[test]
fn a_part_a_proven_iso_and_what_was_written_down_of_a_tree() {
    let site = Site::new();
    let folder = site.path("stick");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("CHECKSUM"), &OLD.checksum).unwrap();
    std::fs::write(folder.join("CHECKSUM.sig"), &OLD.signature).unwrap();
    let iso = folder.join(OLD.name());
    std::fs::write(&iso, &OLD.iso).unwrap();
    soon(&site, crate::PROGRAM, &["--from-file", iso.to_str().unwrap()]).says(&OLD.distro());
    let tree = site.distros(&OLD.distro());
    becomes(&tree.join("media.repo"), "mkfifo");
    let verified = soon(&site, crate::PROGRAM, &["--verify"]);
    assert!(verified.code == Some(3) && verified.out.contains("media.repo is"), "{verified:?}");
    becomes(&tree.join(".hps-inventory"), "mkfifo");
    let listed = soon(&site, crate::PROGRAM, &["--list"]);
    assert!(listed.code == Some(0) && listed.out.contains("it is a FIFO"), "{listed:?}");
    assert_eq!(soon(&site, crate::PROGRAM, &["--verify"]).code, Some(3));

    let build = site.distros("x86_64-linux-debian-12");
    std::fs::create_dir_all(build.join("20261122T110203Z")).unwrap();
    for name in ["current.toml", "20261122T110203Z/manifest.toml"] {
        becomes(&build.join(name), "mkfifo");
    }
    let listed = soon(&site, crate::PROGRAM, &["--list"]);
    assert!(listed.code == Some(0) && listed.out.contains("it is a FIFO"), "{listed:?}");
    let repo = site.path("srv/hps-resources/packages/x86_64-linux-rockylinux-10/Repo/repodata");
    std::fs::create_dir_all(&repo).unwrap();
    becomes(&repo.join("repomd.xml"), "mkfifo");
    for arguments in [&["--list"][..], &["--verify"]] {
        let arguments = [&["--distro", "x86_64-linux-rockylinux-10"], arguments].concat();
        soon(&site, BUILD_REPOSITORY, &arguments).fails(3, &["repomd.xml: it is a FIFO"]);
    }
}
