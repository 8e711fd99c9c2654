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

    /// The same, with a hash that is broken.
    pub(crate) fn signed_with_sha1(&self, key: &Key) -> Vec<u8> {
        signed_as(&self.build(), |path| key.sign_package_with_sha1(path))
    }

    fn built(&self, what: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let Self { name, version, arch, more, content } = self;
        let spec = format!(
            "Name: {name}\nVersion: {version}\nRelease: 1.el10\nSummary: x\nLicense: MIT\n{more}\n%description\nx\n\
             %install\nmkdir -p %{{buildroot}}/srv\nprintf '%s' '{content}' > %{{buildroot}}/srv/file\n%files\n/srv/file\n"
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
    signed_as(package, |path| key.sign_package(path))
}

fn signed_as(package: &[u8], sign: impl FnOnce(&Path)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("package.rpm");
    std::fs::write(&path, package).unwrap();
    sign(&path);
    std::fs::read(path).unwrap()
}

/// The package under another name of the same length, with the digests that it needs then, as somebody would make it who wants to be
/// elsewhere. It is not signed any more.
pub(crate) fn renamed(package: &[u8], from: &str, to: &str) -> Vec<u8> {
    const MAGIC: [u8; 4] = [0x8e, 0xad, 0xe8, 0x01];
    let count = |at: usize| u32::from_be_bytes(package[at..at + 4].try_into().unwrap()) as usize;
    let begin = package.windows(4).rposition(|w| w == MAGIC).unwrap();
    let end = begin + 16 + 16 * count(begin + 8) + count(begin + 12);
    let mut changed = package.to_vec();
    let name = format!("{from}\0").into_bytes();
    for at in begin..end {
        if package[at..].starts_with(&name) {
            changed[at..at + from.len()].copy_from_slice(to.as_bytes());
        }
    }
    for (program, first, last) in [("sha256sum", begin, end), ("sha1sum", begin, end), ("md5sum", begin, package.len())]
    {
        let (old, new) = (digest(program, &package[first..last]), digest(program, &changed[first..last]));
        let bytes = |hex: &str| -> Vec<u8> {
            let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
            pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
        };
        // MD5 stands there as bytes, the others as text.
        let (old, new) = if program == "md5sum" { (bytes(&old), bytes(&new)) } else { (old.into(), new.into()) };
        let at = changed[..begin].windows(old.len()).position(|w| w == old).expect("the digest in the package");
        changed[at..at + new.len()].copy_from_slice(&new);
    }
    changed
}

fn digest(program: &str, bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let output = Command::new(program).arg(file.path()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
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
