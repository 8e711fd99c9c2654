// SPDX-License-Identifier: GPL-3.0-or-later
//! Which files and folders are read, and how much of them.

use super::*;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn nothing_but_a_regular_file_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("file"), "abc").unwrap();
    std::os::unix::fs::symlink("file", at("link")).unwrap();
    std::os::unix::fs::symlink("pipe", at("link-to-pipe")).unwrap();
    mknodat(CWD, at("pipe"), FileType::Fifo, Mode::from_raw_mode(0o666), 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    for name in ["file", "link"] {
        assert_eq!(Brought::text(&at(name), 3).unwrap(), "abc", "{name}");
    }
    let refused = |path: &Path| Brought::open(path).unwrap_err();
    for (name, what) in [("pipe", "a FIFO"), ("link-to-pipe", "a FIFO"), ("socket", "a socket"), (".", "a folder")] {
        let error = refused(&at(name));
        assert!(error.is_refusal() && error.to_string().contains(&format!("it is {what}, not a file")), "{error}");
    }
    assert!(refused(Path::new("/dev/zero")).to_string().contains("a device"));
    assert!(matches!(refused(&at("none")), BroughtError::Missing(_)));
    assert!(matches!(Brought::text(&at("file"), 2), Err(BroughtError::TooLarge { .. })));
    std::fs::write(at("latin"), [0xe4]).unwrap();
    assert!(matches!(Brought::text(&at("latin"), 9), Err(BroughtError::NotText(_))));
    File::create(at("huge")).unwrap().set_len(1 << 40).unwrap();
    assert!(matches!(Brought::open(&at("huge")).unwrap().bytes(9), Err(BroughtError::TooLarge { .. })));
}

#[test]
fn only_what_root_alone_can_change_is_roots() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, "abc").unwrap();
    let is_roots = || Brought::open(&path).unwrap().is_roots();
    let mode = |of: &Path, mode: u32| std::fs::set_permissions(of, Permissions::from_mode(mode)).unwrap();
    mode(&path, 0o644);
    assert!(is_roots());
    for open in [0o664, 0o646] {
        mode(&path, open);
        assert!(!is_roots(), "{open:o}");
    }
    mode(&path, 0o600);
    mode(folder.path(), 0o777);
    assert!(!is_roots(), "another one can be put in its place");
    mode(folder.path(), 0o1777);
    assert!(is_roots());
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&path, Some(1000), None).unwrap();
        assert!(!is_roots());
        std::os::unix::fs::chown(&path, Some(0), None).unwrap();
        std::os::unix::fs::chown(folder.path(), Some(1000), None).unwrap();
        assert!(!is_roots());
    }
}

#[test]
fn a_copy_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, "abc").unwrap();
    let copy = |most, needed, grow: bool, stop: bool| {
        let brought = Brought::open(&path).unwrap();
        if grow {
            std::fs::write(&path, "abcd").unwrap();
        }
        let room = Room { folder: folder.path(), needed };
        let mut to = File::create(folder.path().join("copy")).unwrap();
        brought.copy(most, room, &mut to, &AtomicBool::new(stop), &mut |_, _| {})
    };
    assert_eq!(copy(3, 0, false, false).unwrap(), Sha256Digest::hash(b"abc"));
    assert_eq!(std::fs::read(folder.path().join("copy")).unwrap(), b"abc");
    assert!(matches!(copy(2, 0, false, false), Err(BroughtError::TooLarge { .. })));
    let space = copy(3, u64::MAX, false, false).unwrap_err().to_string();
    assert!(space.contains("are needed for a copy") && space.contains("are free"), "{space}");
    assert!(matches!(copy(3, 0, false, true), Err(BroughtError::Stopped)));
    assert!(copy(9, 0, true, false).is_err(), "it grew");
}
