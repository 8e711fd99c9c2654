// SPDX-License-Identifier: GPL-3.0-or-later
use super::*;
use crate::files::check_folder;
use rustix::fs::{CWD, FileType, mknodat};
use std::os::unix::fs::{PermissionsExt as _, lchown, symlink};

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_mode_of_the_file_and_of_each_folder_above_it_counts() {
    let lab = tempfile::tempdir().unwrap();
    let base = Base::from_folders([lab.path()]);
    let folder = lab.path().join("a/b");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("file");
    std::fs::write(&path, "text").unwrap();
    let read = |trust| read_trusted(&path, &base, trust, 10).map_err(|e| e.to_string());
    assert_eq!(read(Trust::Root).unwrap(), b"text");
    for (place, mode, trust, command) in [
        (&path, 0o666, Trust::Root, "go-w"),
        (&path, 0o662, Trust::Shared, "o-w"),
        (&path, 0o660, Trust::Root, "g-w"),
        (&path, 0o602, Trust::Root, "o-w"),
        (&folder, 0o777, Trust::Root, "o-w"),
        (&folder, 0o757, Trust::Shared, "o-w"),
        (&lab.path().join("a"), 0o757, Trust::Root, "o-w"),
        (&lab.path().to_path_buf(), 0o757, Trust::Root, "o-w"),
    ] {
        let before = place.metadata().unwrap().permissions();
        chmod(place, mode);
        let error = read(trust).unwrap_err();
        let (name, end) = (place.display(), format!("chmod {command} {}", place.display()));
        assert!(error.starts_with(&format!("{name}: ")) && error.ends_with(&end), "{error}");
        std::fs::set_permissions(place, before).unwrap();
        assert!(read(trust).is_ok(), "{name}");
    }
    chmod(&path, 0o660);
    assert!(read(Trust::Shared).is_ok(), "the group shares records");
    assert!(matches!(read_trusted(&path, &base, Trust::Shared, 3), Err(FileError::TooLarge { .. })));
}

#[test]
fn links_are_followed_only_through_folders_that_are_looked_at() {
    let lab = tempfile::tempdir().unwrap();
    let base = Base::from_folders([lab.path()]);
    let at = |name: &str| lab.path().join(name);
    for name in ["open", "closed"] {
        std::fs::create_dir(at(name)).unwrap();
        std::fs::write(at(name).join("file"), name).unwrap();
    }
    chmod(&at("open"), 0o757);
    symlink("closed/../closed/file", at("relative")).unwrap();
    symlink(at("closed"), at("folder")).unwrap();
    symlink(at("open/file"), at("to open")).unwrap();
    symlink("loop", at("loop")).unwrap();
    let read = |name: &str| read_trusted(&at(name), &base, Trust::Root, 10);
    assert_eq!(read("relative").unwrap(), b"closed");
    assert_eq!(read("folder/file").unwrap(), b"closed");
    assert!(read("to open").unwrap_err().to_string().contains("/open: everybody can write it"));
    assert!(matches!(read("loop"), Err(FileError::Io(_))));
    assert!(read("none").unwrap_err().is_not_found() && read("none/x").unwrap_err().is_not_found());
}

const STRANGER: u32 = 54_321;

#[test]
fn what_a_strangers_link_leads_to_is_never_given_to_root() {
    // Only root gives files away; tests/cli/trust.rs does the same as root, and fails without.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let lab = tempfile::tempdir().unwrap();
    let base = Base::from_folders([lab.path()]);
    let (link, roots) = (lab.path().join("lab.cluster"), lab.path().join("of others"));
    let read = || read_trusted(&link, &base, Trust::Root, 10).unwrap_err().to_string();
    symlink("/etc/shadow", &link).unwrap();
    lchown(&link, Some(STRANGER), None).unwrap();
    let words = format!(
        "{0}: this is a link to /etc/shadow and belongs to user {STRANGER}, expected root; find out who made it, then remove it: rm {0}",
        link.display()
    );
    assert_eq!(read(), words);
    // Of a link that root made, the file that it leads to is named.
    std::fs::remove_file(&link).unwrap();
    std::fs::write(&roots, "").unwrap();
    symlink(&roots, &link).unwrap();
    lchown(&roots, Some(STRANGER), None).unwrap();
    let error = read();
    let end = format!("chown -h root:hps {}", roots.display());
    assert!(error.starts_with(&format!("{}: ", roots.display())) && error.ends_with(&end), "{error}");
}

#[test]
fn a_folder_that_is_not_of_hps_is_never_given_to_root() {
    // Only root gives files away; tests/cli/trust.rs does the same as root, and fails without.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let top = tempfile::tempdir().unwrap();
    let home = top.path().join("alice");
    let conf = home.join("hps.conf");
    std::fs::create_dir_all(home.join("lab/srv/hps-config")).unwrap();
    let below = home.join("lab/srv/hps-config/hps.conf");
    for path in [&conf, &below] {
        std::fs::write(path, "").unwrap();
    }
    let read = |path: &Path| {
        let base = Base::for_conf(path, Path::new("/srv/hps-config/hps.conf"));
        read_trusted(path, &base, Trust::Root, 10).unwrap_err().to_string()
    };
    let moves = |folder: &Path, path: &Path, error: String| {
        let (folder, path) = (folder.display(), path.display());
        let begin = format!("{folder}: belongs to user {STRANGER}, expected root; ");
        let end = format!("; move {path} below a folder that only root can write");
        assert!(error.starts_with(&begin) && error.ends_with(&end) && !error.contains("chown"), "{error}");
    };
    lchown(&home, Some(STRANGER), None).unwrap();
    moves(&home, &conf, read(&conf));
    // A lab in it, of which that person can put another one in the place of root's.
    let lab = home.join("lab");
    moves(&home, &lab, read(&below));
    lchown(&home, Some(0), None).unwrap();
    lchown(&lab, Some(STRANGER), None).unwrap();
    moves(&lab, &below, read(&below));
    lchown(&lab, Some(0), None).unwrap();
    // What is below the base is HPS's own.
    lchown(lab.join("srv"), Some(STRANGER), None).unwrap();
    let error = read(&below);
    assert!(error.ends_with(&format!("chown -h root:hps {}", lab.join("srv").display())), "{error}");
    lchown(lab.join("srv"), Some(0), None).unwrap();
    // hps.conf names a folder in a person's.
    lchown(&home, Some(STRANGER), None).unwrap();
    let named = home.join("distros");
    std::fs::create_dir(&named).unwrap();
    let base = Base::from_folders([Path::new("/srv/log"), &named]);
    moves(&home, &named, check_folder(&named, &base, Trust::Root).unwrap_err().to_string());
    lchown(&home, Some(0), None).unwrap();
    lchown(&named, Some(STRANGER), None).unwrap();
    let error = check_folder(&named, &base, Trust::Root).unwrap_err().to_string();
    assert!(error.ends_with(&format!("chown -h root:hps {}", named.display())), "{error}");
}

#[test]
fn what_is_no_file_is_refused_and_waits_for_nobody() {
    let lab = tempfile::tempdir().unwrap();
    let base = Base::from_folders([lab.path()]);
    let fifo = lab.path().join("fifo");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let error = read_trusted(&fifo, &base, Trust::Root, 10).unwrap_err().to_string();
    assert!(error.contains("this is a FIFO") && error.ends_with(&format!("rm {}", fifo.display())), "{error}");
    let error = read_trusted(lab.path(), &base, Trust::Root, 10).unwrap_err().to_string();
    assert!(error.contains("this is a folder, expected a regular file"), "{error}");
    let error = check_folder(&fifo, &base, Trust::Root).unwrap_err().to_string();
    assert!(error.contains("this is a FIFO, expected a folder"), "{error}");
}
