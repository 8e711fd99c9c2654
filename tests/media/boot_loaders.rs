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
for package; do :; done
package=${package%%=*}
case " $* " in
*" indextargets "*) cat "$fake/archives" ;;
*" update "*)
    cp "$APT_CONFIG" "$fake/configuration"
    sed -n 's/^Dir::Etc::sourcelist "\(.*\)";$/\1/p' "$APT_CONFIG" | xargs cat > "$fake/sources"
    ;;
*" --print-uris "*) cat "$fake/candidate-$package" ;;
*" download "*) cp "$fake/deb-$package" "$(cut -d ' ' -f 2 < "$fake/candidate-$package")" ;;
esac
"#;

impl Site {
    /// A node whose apt has this package of iPXE.
    fn with_package(files: &[(&str, &str)]) -> Self {
        let site = Self::with_workshop();
        site.install("apt-get", &APT_GET.replace("FAKE", &site.path("fake").to_string_lossy()));
        std::fs::write(site.path("fake/archives"), ARCHIVES.join("\n") + "\n").unwrap();
        site.apt_offers("shim-signed", "1", &[("usr/lib/shim/shimx64.efi.signed", "shim")]);
        site.apt_offers(
            "grub-efi-amd64-signed",
            "1",
            &[("usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed", "grub")],
        );
        site.apt_has_package("1.21", files);
        site
    }

    fn apt_has_package(&self, version: &str, files: &[(&str, &str)]) {
        let of_uefi = [("usr/lib/ipxe/ipxe-amd64.efi", "amd64"), ("usr/lib/ipxe/snponly.efi", "snponly")];
        self.apt_offers("ipxe", version, &[&of_uefi, files].concat());
    }

    /// Builds a package, and names it in the index.
    fn apt_offers(&self, package: &str, version: &str, files: &[(&str, &str)]) {
        let root = self.path("package");
        let _old = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("DEBIAN")).unwrap();
        let control = format!(
            "Package: {package}\nVersion: {version}\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: x\n"
        );
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
        build.args(["--build", "--root-owner-group"]).arg(&root).arg(self.path(&format!("fake/deb-{package}")));
        assert!(build.output().unwrap().status.success());
        let bytes = std::fs::read(self.path(&format!("fake/deb-{package}"))).unwrap();
        self.index_has(package, version, bytes.len(), Sha256Digest::hash(&bytes));
    }

    fn index_has(&self, package: &str, version: &str, size: usize, digest: Sha256Digest) {
        let file = format!("{package}_{version}_all.deb");
        let line = format!("'http://m/debian/pool/{file}' {file} {size} SHA256:{digest}\n");
        std::fs::write(self.path(&format!("fake/candidate-{package}")), line).unwrap();
    }

    fn boot_loaders(&self, more: &[&str]) -> Answer {
        self.make_from_apt(&[&["--boot-loaders"], more].concat())
    }

    /// What is in the kept files.
    fn kept_texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.kept().iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        texts.sort();
        texts
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
    let packages: Vec<_> = value.as_array().unwrap().iter().map(|entry| entry["package"].as_str().unwrap()).collect();
    assert_eq!(packages, ["grub-efi-amd64-signed", "ipxe", "shim-signed"]);
    assert_eq!(value[1]["release"].as_str(), Some("trixie"));
    assert_eq!((value[1]["version"].as_str(), value[1]["new"].as_bool()), (Some("1.21"), Some(true)));
    let sources = std::fs::read_to_string(site.path("fake/sources")).unwrap();
    assert!(
        sources.lines().count() == 3 && sources.lines().all(|l| l.starts_with("deb [signed-by=/usr/share/keyrings/"))
    );
    assert!(sources.contains("http://s/security trixie-security main"), "{sources}");
    assert_eq!(site.kept_texts(), ["amd64", "arm64 one", "grub", "shim", "snponly"]);
    assert!(site.log().contains("ipxe 1.21 of Debian trixie fetched, proven by apt"), "{}", site.log());
    let again = site.boot_loaders(&["--check"]);
    assert_eq!((again.code, again.out.as_str()), (Some(0), ""), "{again:?}");
    site.apt_has_package("1.22", &[(ARM64, "arm64 two")]);
    assert_eq!(site.boot_loaders(&["--check"]).code, Some(10));
    assert_eq!(site.boot_loaders(&[]).code, Some(0));
    assert_eq!(site.kept_texts(), ["amd64", "arm64 two", "grub", "shim", "snponly"]);
}

#[test]
fn a_package_that_is_not_what_the_index_names_changes_nothing() {
    let site = Site::with_package(&[(ARM64, "arm64 one")]);
    assert_eq!(site.boot_loaders(&[]).code, Some(0));
    let kept = site.kept();
    let size = std::fs::read(site.path("fake/deb-ipxe")).unwrap().len();
    site.index_has("ipxe", "1.22", size, Sha256Digest::hash(b"other"));
    site.boot_loaders(&[]).fails(1, &["ipxe_1.22_all.deb", "index of the archive"]);
    // Without a digest in the index nothing is downloaded.
    std::fs::write(site.path("fake/candidate-ipxe"), "'http://m/x' ipxe_1.23_all.deb 3 MD5Sum:00\n").unwrap();
    site.boot_loaders(&[]).fails(1, &["SHA-256 digest of ipxe"]);
    for (path, text) in [("usr/lib/ipxe/other", "x"), (ARM64, "-> /etc/passwd")] {
        site.apt_has_package("1.24", &[(path, text)]);
        let answer = site.boot_loaders(&[]);
        assert_eq!(answer.code, Some(1), "{path}: {answer:?}");
        assert!(answer.err.contains("ipxe-arm64.efi"), "{answer:?}");
    }
    assert_eq!(site.kept(), kept);
}
