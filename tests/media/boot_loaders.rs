// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-image --boot-loaders`: packages of another Debian release, by what the index of its archive says.

use crate::site::{Answer, Site};
use hps::types::Sha256Digest;
use std::path::PathBuf;
use std::process::Command;

const ARCHIVES: [&str; 3] =
    ["http://m/debian bookworm", "http://m/debian bookworm-updates", "http://s/security bookworm-security"];

/// Answers as apt-get does: archives of the machine, the index, what it has of a package, and the package.
const APT_GET: &str = r#"#!/bin/sh
fake=FAKE
case " $* " in
*" indextargets "*) cat "$fake/archives" ;;
*" update "*)
    cp "$APT_CONFIG" "$fake/configuration"
    sed -n 's/^Dir::Etc::sourcelist "\(.*\)";$/\1/p' "$APT_CONFIG" | xargs cat > "$fake/sources"
    ;;
*" --print-uris "*) cat "$fake/candidate" ;;
*" download "*) cp "$fake/deb" "$(cut -d ' ' -f 2 < "$fake/candidate")" ;;
esac
"#;

impl Site {
    /// A node whose apt has this package of iPXE.
    fn with_package(files: &[(&str, &str)]) -> Self {
        let site = Self::with_workshop();
        site.install("apt-get", &APT_GET.replace("FAKE", &site.path("fake").to_string_lossy()));
        std::fs::write(site.path("fake/archives"), ARCHIVES.join("\n") + "\n").unwrap();
        site.apt_has_package("1.21", files);
        site
    }

    /// Builds the package, and names it in the index.
    fn apt_has_package(&self, version: &str, files: &[(&str, &str)]) {
        let root = self.path("package");
        let _old = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("DEBIAN")).unwrap();
        let control =
            format!("Package: ipxe\nVersion: {version}\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: x\n");
        std::fs::write(root.join("DEBIAN/control"), control).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            if let Some(target) = text.strip_prefix("-> ") {
                std::os::unix::fs::symlink(target, path).unwrap();
            } else {
                std::fs::write(path, text).unwrap();
            }
        }
        let mut build = Command::new("dpkg-deb");
        build.args(["--build", "--root-owner-group"]).arg(&root).arg(self.path("fake/deb"));
        assert!(build.output().unwrap().status.success());
        let bytes = std::fs::read(self.path("fake/deb")).unwrap();
        self.index_has(version, bytes.len(), Sha256Digest::hash(&bytes));
    }

    fn index_has(&self, version: &str, size: usize, digest: Sha256Digest) {
        let file = format!("ipxe_{version}_all.deb");
        let line = format!("'http://m/debian/pool/{file}' {file} {size} SHA256:{digest}\n");
        std::fs::write(self.path("fake/candidate"), line).unwrap();
    }

    fn boot_loaders(&self, more: &[&str]) -> Answer {
        self.make_from_apt(&[&["--boot-loaders"], more].concat())
    }

    /// The kept files.
    fn kept(&self) -> Vec<PathBuf> {
        let folder = self.path("srv/hps-config/state/boot-loaders/files");
        std::fs::read_dir(folder).map_or_else(|_| Vec::new(), |files| files.map(|f| f.unwrap().path()).collect())
    }
}

const ARM64: &str = "usr/lib/ipxe/ipxe-arm64.efi";

#[test]
fn a_package_of_another_release_is_kept_with_its_proof() {
    let site = Site::with_package(&[(ARM64, "arm64 one"), ("usr/lib/ipxe/other", "x")]);
    let asked = site.boot_loaders(&["--check"]);
    assert_eq!(asked.code, Some(10), "{asked:?}");
    assert!(site.kept().is_empty(), "--check fetches nothing");
    let answer = site.boot_loaders(&["--json"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let value: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((value[0]["package"].as_str(), value[0]["release"].as_str()), (Some("ipxe"), Some("trixie")));
    assert_eq!((value[0]["version"].as_str(), value[0]["new"].as_bool()), (Some("1.21"), Some(true)));
    let sources = std::fs::read_to_string(site.path("fake/sources")).unwrap();
    assert!(
        sources.lines().count() == 3 && sources.lines().all(|l| l.starts_with("deb [signed-by=/usr/share/keyrings/"))
    );
    assert!(sources.contains("http://s/security trixie-security main"), "{sources}");
    assert_eq!(site.kept().iter().map(|p| std::fs::read(p).unwrap()).collect::<Vec<_>>(), [b"arm64 one"]);
    assert!(site.log().contains("ipxe 1.21 of Debian trixie fetched, proven by apt"), "{}", site.log());
    let again = site.boot_loaders(&["--check"]);
    assert_eq!((again.code, again.out.as_str()), (Some(0), ""), "{again:?}");
    site.apt_has_package("1.22", &[(ARM64, "arm64 two")]);
    assert_eq!(site.boot_loaders(&["--check"]).code, Some(10));
    assert_eq!(site.boot_loaders(&[]).code, Some(0));
    assert_eq!(site.kept().iter().map(|p| std::fs::read(p).unwrap()).collect::<Vec<_>>(), [b"arm64 two"]);
}

#[test]
fn a_package_that_is_not_what_the_index_names_changes_nothing() {
    let site = Site::with_package(&[(ARM64, "arm64 one")]);
    assert_eq!(site.boot_loaders(&[]).code, Some(0));
    let kept = site.kept();
    let size = std::fs::read(site.path("fake/deb")).unwrap().len();
    site.index_has("1.22", size, Sha256Digest::hash(b"other"));
    site.boot_loaders(&[]).fails(1, &["ipxe_1.22_all.deb", "index of the archive"]);
    // Without a digest in the index nothing is downloaded.
    std::fs::write(site.path("fake/candidate"), "'http://m/x' ipxe_1.23_all.deb 3 MD5Sum:00\n").unwrap();
    site.boot_loaders(&[]).fails(1, &["SHA-256 digest of ipxe"]);
    for (path, text) in [("usr/lib/ipxe/other", "x"), (ARM64, "-> /etc/passwd")] {
        site.apt_has_package("1.24", &[(path, text)]);
        let answer = site.boot_loaders(&[]);
        assert_eq!(answer.code, Some(1), "{path}: {answer:?}");
        assert!(answer.err.contains("ipxe-arm64.efi"), "{answer:?}");
    }
    assert_eq!(site.kept(), kept);
}
