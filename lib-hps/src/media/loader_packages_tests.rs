// SPDX-License-Identifier: GPL-3.0-or-later

use super::*;
use crate::exec::apt_index::Candidate;

const PATH: &str = "/usr/lib/ipxe/ipxe-arm64.efi";

fn package(version: &str, bytes: &[u8]) -> ProvenPackage {
    let candidate = Candidate {
        package: "ipxe".to_owned(),
        version: version.to_owned(),
        file: format!("ipxe_{version}_all.deb"),
        size: 3,
        sha256: Sha256Digest::hash(b"deb"),
    };
    ProvenPackage { candidate, files: [(PathBuf::from(PATH), bytes.to_vec())].into() }
}

fn packages(folder: &Path) -> LoaderPackages {
    LoaderPackages::new(folder.join("boot-loaders"), Base::from_folders([folder]))
}

#[test]
fn a_package_replaces_the_older_one_of_its_release_alone() {
    let folder = tempfile::tempdir().unwrap();
    let packages = packages(folder.path());
    let file = |release: &str| packages.file(release, "ipxe", Path::new(PATH)).unwrap();
    assert_eq!((file("trixie"), packages.all().unwrap().len()), (None, 0));
    packages.keep("trixie", &package("1", b"one")).unwrap();
    packages.keep("bookworm", &package("0", b"old")).unwrap();
    packages.keep("trixie", &package("2", b"two")).unwrap();
    assert_eq!((file("trixie"), file("bookworm")), (Some(b"two".to_vec()), Some(b"old".to_vec())));
    assert_eq!(packages.package("trixie", "ipxe").unwrap().unwrap().package_version(), "2");
    assert_eq!(packages.all().unwrap().len(), 2);
    assert_eq!(std::fs::read_dir(packages.files()).unwrap().count(), 2, "no unused file is kept");
    assert_eq!(packages.file("trixie", "ipxe", Path::new("/other")).unwrap(), None);
}

#[test]
fn a_changed_file_and_a_damaged_record_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let packages = packages(folder.path());
    packages.keep("trixie", &package("1", b"one")).unwrap();
    let read = || packages.file("trixie", "ipxe", Path::new(PATH));
    let place = packages.place(Sha256Digest::hash(b"one"));
    std::fs::write(&place, "two").unwrap();
    assert!(matches!(read(), Err(ProvenPackageError::Damaged { path }) if path == place));
    std::fs::remove_file(&place).unwrap();
    assert!(matches!(read(), Err(ProvenPackageError::File(error)) if error.is_not_found()), "never: not fetched");
    let record = packages.record("trixie", "ipxe");
    for text in ["version = 9", "not toml", "version = 1\npackage = \"ipxe\""] {
        std::fs::write(&record, text).unwrap();
        assert!(matches!(read(), Err(ProvenPackageError::Record { .. })), "{text}");
    }
}
