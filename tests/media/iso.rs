// SPDX-License-Identifier: GPL-3.0-or-later
//! Small ISOs that are like those of Rocky Linux in everything that counts.

use crate::key;
use hps::types::Sha256Digest;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// A release as a mirror has it.
pub(crate) struct Release {
    pub(crate) version: &'static str,
    pub(crate) iso: Vec<u8>,
    pub(crate) checksum: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Release {
    fn new(version: &'static str) -> Self {
        Self::from_iso(version, make(|tree| fill(tree, "Rocky Linux", version)))
    }

    /// With the ISO that it has, signed.
    pub(crate) fn from_iso(version: &'static str, iso: Vec<u8>) -> Self {
        let checksum = checksum(&[(&name(version), &iso)]);
        let signature = key::GOOD.sign(&checksum);
        Self { version, iso, checksum, signature }
    }

    pub(crate) fn name(&self) -> String {
        name(self.version)
    }

    /// Where its files lie below the mirror's root.
    pub(crate) fn path(&self, file: &str) -> String {
        format!("/{}/isos/x86_64/{file}", self.version)
    }

    pub(crate) fn iso_path(&self) -> String {
        self.path(&self.name())
    }

    /// The name of its tree.
    pub(crate) fn distro(&self) -> String {
        format!("x86_64-linux-rockylinux-{}", self.version)
    }
}

pub(crate) static OLD: LazyLock<Release> = LazyLock::new(|| Release::new("10.1"));
pub(crate) static NEW: LazyLock<Release> = LazyLock::new(|| Release::new("10.2"));

pub(crate) fn name(version: &str) -> String {
    format!("Rocky-{version}-x86_64-dvd1.iso")
}

/// The CHECKSUM file of these ISOs.
pub(crate) fn checksum(isos: &[(&str, &[u8])]) -> Vec<u8> {
    let lines = isos
        .iter()
        .map(|(name, iso)| format!("# {name}: {} bytes\nSHA256 ({name}) = {}\n", iso.len(), Sha256Digest::hash(iso)));
    lines.collect::<String>().into_bytes()
}

/// A tree as the root of an ISO has it. The initrd is large enough for a download to be broken in the middle.
pub(crate) fn fill(tree: &Path, family: &str, version: &str) {
    fill_with(tree, family, version, b"kernel", &noise(version));
}

/// Bytes that nothing can pack, the same ones each time.
fn noise(seed: &str) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(seed.bytes().map(u32::from).sum::<u32>());
    std::iter::repeat_with(|| {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .take(300_000)
    .flatten()
    .collect()
}

/// The same, with this kernel and this initrd.
pub(crate) fn fill_with(tree: &Path, family: &str, version: &str, kernel: &[u8], initrd: &[u8]) {
    let files: [(&str, &[u8]); 7] = [
        ("images/eltorito.img", &[0; 2048]),
        ("images/pxeboot/vmlinuz", kernel),
        ("images/pxeboot/initrd.img", initrd),
        ("images/install.img", b"stage 2"),
        ("BaseOS/repodata/repomd.xml", b"<repomd/>"),
        ("BaseOS/Packages/b/bash-5.2~x+1-1.el10.x86_64.rpm", b"rpm"),
        ("media.repo", b"[InstallMedia]\n"),
    ];
    let mut info = format!(
        "[header]\ntype = productmd.treeinfo\nversion = 1.2\n\n[general]\narch = x86_64\nfamily = {family}\nversion = {version}\n\n[checksums]\n"
    );
    for (name, bytes) in files {
        let path = tree.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        if name.starts_with("images/") {
            info.push_str(&format!("{name} = sha256:{}\n", Sha256Digest::hash(bytes)));
        }
    }
    std::fs::write(tree.join(".treeinfo"), info).unwrap();
}

/// The bytes of an ISO with a tree that `prepare` makes.
pub(crate) fn make(prepare: impl FnOnce(&Path)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (tree, iso) = (folder.path().join("tree"), folder.path().join("iso"));
    std::fs::create_dir(&tree).unwrap();
    prepare(&tree);
    let output = Command::new("xorriso")
        .args(["-no_rc", "-as", "mkisofs", "-quiet", "-R"])
        // A boot catalog, as real ones have it: it is neither file nor folder there, and a file once extracted.
        .args(["-b", "images/eltorito.img", "-c", "boot.catalog", "-no-emul-boot", "-boot-load-size", "4"])
        .arg("-o")
        .args([&iso, &tree])
        .output()
        .expect("xorriso is not installed: apt-get install xorriso");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(iso).unwrap()
}
