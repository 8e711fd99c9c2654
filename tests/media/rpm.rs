// SPDX-License-Identifier: GPL-3.0-or-later
//! Real packages, made by rpmbuild.

use crate::key::Key;
use std::path::Path;
use std::process::Command;

/// What a package is to be.
#[derive(Clone, Copy)]
pub(crate) struct Spec<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) arch: &'a str,
    /// Further lines of the spec file's head.
    pub(crate) more: &'a str,
    /// What its one file holds.
    pub(crate) content: &'a str,
}

impl<'a> Spec<'a> {
    /// Release 1.el10 of something for x86_64.
    pub(crate) fn new(name: &'a str, version: &'a str) -> Self {
        Self { name, version, arch: "x86_64", more: "", content: "hello" }
    }

    /// The name of its file in a repository.
    pub(crate) fn file_name(&self) -> String {
        format!("{self}.rpm")
    }

    /// The bytes of the package, signed by nobody.
    pub(crate) fn build(&self) -> Vec<u8> {
        self.built("-bb")
    }

    /// The bytes of its source package.
    pub(crate) fn source(&self) -> Vec<u8> {
        self.built("-bs")
    }

    /// The bytes of the package, signed.
    pub(crate) fn signed(&self, key: &Key) -> Vec<u8> {
        signed(&self.build(), key)
    }

    fn built(&self, what: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let Self { name, version, arch, more, content } = self;
        let spec = format!(
            "Name: {name}\nVersion: {version}\nRelease: 1.el10\nSummary: x\nLicense: MIT\n{more}\n%description\nx\n\
             %install\nmkdir -p %{{buildroot}}/usr/share\nprintf '%s' '{content}' > %{{buildroot}}/usr/share/{name}\n%files\n/usr/share/{name}\n"
        );
        let path = folder.path().join("package.spec");
        std::fs::write(&path, spec).unwrap();
        let output = Command::new("rpmbuild")
            .env("HOME", folder.path())
            .args([what, "--quiet", "--target", arch, "--define"])
            .arg(format!("_topdir {}", folder.path().display()))
            .arg(&path)
            .output()
            .expect("rpmbuild is not installed: apt-get install rpm");
        assert!(output.status.success(), "rpmbuild: {}", String::from_utf8_lossy(&output.stderr));
        let below = if what == "-bs" { "SRPMS".to_owned() } else { format!("RPMS/{arch}") };
        let made = std::fs::read_dir(folder.path().join(below)).unwrap().next().unwrap().unwrap();
        std::fs::read(made.path()).unwrap()
    }
}

impl std::fmt::Display for Spec<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-1.el10.{}", self.name, self.version, self.arch)
    }
}

/// The package with a signature of this key.
pub(crate) fn signed(package: &[u8], key: &Key) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("package.rpm");
    std::fs::write(&path, package).unwrap();
    key.sign_package(&path);
    std::fs::read(path).unwrap()
}

/// Makes the metadata of the packages in a folder, with or without groups.
pub(crate) fn index(folder: &Path, groups: Option<&Path>) {
    let mut command = Command::new("createrepo_c");
    command.args(["--quiet", "--no-database"]);
    if let Some(groups) = groups {
        command.arg("--groupfile").arg(groups);
    }
    let output = command.arg(folder).output().expect("createrepo_c is not installed: apt-get install createrepo-c");
    assert!(output.status.success(), "createrepo_c: {}", String::from_utf8_lossy(&output.stderr));
}
