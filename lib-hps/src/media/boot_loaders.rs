// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot loaders: which file, from which Debian package, for which DHCP client architecture, with which digest.
//!
//! The manifest is `tftp-assets/manifest.toml`, compiled in. The source has no binary. A boot loader is copied from the
//! installed package if its digest is known, or if apt proved a package with that digest. One of another Debian release
//! comes from a package that an administrator fetched ([`super::loader_packages`]).

use super::ProvenPackageError;
use super::loader_packages::LoaderPackages;
use crate::types::{ClientArchitecture, Loader, LoaderFile, PlainPath, Sha256Digest};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const MANIFEST: &str = include_str!("../../../tftp-assets/manifest.toml");

/// One boot loader.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootLoader {
    /// Its name in the TFTP folder.
    pub file: String,
    /// The Debian package that has it.
    pub package: String,
    /// The code name of the Debian release whose package has it; none: the release that is installed here.
    #[serde(default)]
    pub release: Option<String>,
    /// Where the package puts it.
    pub path: PathBuf,
    /// The same file in the package of another release, which is served where that package was fetched.
    #[serde(default)]
    pub newer: Option<Newer>,
    /// The architectures it serves (DHCP option 93).
    pub architectures: Vec<ClientArchitecture>,
    /// Which setting of `boot.loader` selects it.
    #[serde(default)]
    pub loader: Loader,
    /// Whether only a cluster file selects it, for some machines.
    #[serde(default)]
    pub on_request: bool,
}

impl BootLoader {
    /// Whether the package of this release has it as the newer file.
    fn is_newer_in(&self, release: &str) -> bool {
        self.newer.as_ref().is_some_and(|newer| newer.release == release)
    }
}

/// A file of another release's package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newer {
    /// The code name of the Debian release.
    pub release: String,
    /// Where its package puts the file.
    pub path: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Digest {
    file: String,
    #[expect(dead_code, reason = "says to people where the digest is from")]
    version: String,
    sha256: Sha256Digest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assets {
    version: u32,
    boot_loader: Vec<BootLoader>,
    digest: Vec<Digest>,
}

/// The manifest.
pub struct BootLoaders(Assets);

impl std::fmt::Debug for BootLoaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.0.boot_loader).finish()
    }
}

/// Why a boot loader is not served.
#[derive(Debug, thiserror::Error)]
pub enum BootLoaderError {
    /// The manifest compiled in is wrong.
    #[error("tftp-assets/manifest.toml: {0}")]
    Manifest(String),
    /// The package is not installed.
    #[error("boot loader {}: cannot be read ({problem}); install it with: apt-get install {package}", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// The system's reason.
        problem: std::io::Error,
        /// Its package.
        package: String,
    },
    /// Its digest is not in the manifest.
    #[error(
        "boot loader {}: its digest {digest} is not known; it is of another version of the package {package}, or it was changed (see dpkg --verify {package}); to have apt prove the package: build-image --boot-loaders",
        path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Its digest.
        digest: Sha256Digest,
        /// Its package.
        package: String,
    },
    /// A site's own is not the one that its cluster file names.
    #[error(
        "boot_loader {file}: {path} has the digest {digest}, and the cluster file says {wanted}: look at the file, then change one of them"
    )]
    Changed {
        /// Its name.
        file: LoaderFile,
        /// Where it is.
        path: PlainPath,
        /// What it is.
        digest: Sha256Digest,
        /// What it must be.
        wanted: Sha256Digest,
    },
    /// It is in a package of another Debian release, which was not fetched yet.
    #[error(
        "boot loader {file}: package {package} of Debian {release} was not fetched; fetch it with: build-image --boot-loaders"
    )]
    NotFetched {
        /// Its name.
        file: String,
        /// Its package.
        package: String,
        /// The release.
        release: String,
    },
    /// A fetched package cannot be read.
    #[error("boot loader {file}")]
    Fetched {
        /// Its name.
        file: String,
        /// What is wrong.
        source: ProvenPackageError,
    },
}

impl BootLoaders {
    /// Reads the manifest.
    ///
    /// # Errors
    /// [`BootLoaderError::Manifest`].
    pub fn load() -> Result<Self, BootLoaderError> {
        let assets: Assets = toml::from_str(MANIFEST).map_err(|e| BootLoaderError::Manifest(e.message().to_owned()))?;
        if assets.version != 1 {
            return Err(BootLoaderError::Manifest(format!("version is {}: expected 1", assets.version)));
        }
        Ok(Self(assets))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &BootLoader> {
        self.0.boot_loader.iter()
    }

    /// What is to be fetched: files by release and package. `installed` is the release of this machine; its packages are
    /// fetched, as proof, if the manifest does not have their digests. `root` precedes their paths.
    pub fn to_fetch(&self, installed: Option<&'static str>, root: &Path) -> BTreeMap<(&str, &str), BTreeSet<&Path>> {
        let mut packages: BTreeMap<_, BTreeSet<&Path>> = BTreeMap::new();
        for loader in self.iter() {
            let mut add = |release, path| {
                let _new = packages.entry((release, loader.package.as_str())).or_default().insert(path);
            };
            if let Some(newer) = &loader.newer {
                add(newer.release.as_str(), newer.path.as_path());
            }
            match (loader.release.as_deref(), installed) {
                (Some(release), _) => add(release, loader.path.as_path()),
                (None, Some(installed)) if !self.are_known(&loader.package, root) && !loader.is_newer_in(installed) => {
                    add(installed, loader.path.as_path());
                }
                _ => {}
            }
        }
        packages
    }

    /// Whether the manifest has the digests of all files of an installed package.
    fn are_known(&self, package: &str, root: &Path) -> bool {
        self.iter().filter(|loader| loader.release.is_none() && loader.package == package).all(|loader| {
            let path = root.join(loader.path.strip_prefix("/").unwrap_or(&loader.path));
            std::fs::read(path).is_ok_and(|bytes| self.is_known(loader, Sha256Digest::hash(&bytes)))
        })
    }

    fn is_known(&self, loader: &BootLoader, digest: Sha256Digest) -> bool {
        self.0.digest.iter().any(|known| known.file == loader.file && known.sha256 == digest)
    }

    /// The bytes of a boot loader, verified. `root` precedes the path of an installed package.
    ///
    /// # Errors
    /// When it is missing or not proven.
    pub fn read(&self, loader: &BootLoader, root: &Path, fetched: &LoaderPackages) -> Result<Vec<u8>, BootLoaderError> {
        let package = loader.package.clone();
        let failed = |source| BootLoaderError::Fetched { file: loader.file.clone(), source };
        if let Some(release) = &loader.release {
            let bytes = fetched.file(release, &package, &loader.path).map_err(failed)?;
            let (file, release) = (loader.file.clone(), release.clone());
            return bytes.ok_or(BootLoaderError::NotFetched { file, package, release });
        }
        if let Some(newer) = &loader.newer
            && let Some(bytes) = fetched.file(&newer.release, &package, &newer.path).map_err(failed)?
        {
            return Ok(bytes);
        }
        let path = root.join(loader.path.strip_prefix("/").unwrap_or(&loader.path));
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(problem) => return Err(BootLoaderError::Missing { path, problem, package }),
        };
        let digest = Sha256Digest::hash(&bytes);
        if self.is_known(loader, digest)
            || fetched.all().map_err(failed)?.iter().any(|p| p.is(&package) && p.proves(&loader.path, digest))
        {
            return Ok(bytes);
        }
        Err(BootLoaderError::Unknown { path, digest, package })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::apt_index::Candidate;
    use crate::files::Base;
    use crate::media::proven_package::ProvenPackage;
    use crate::types::{Distro, LoaderService};

    #[test]
    fn the_manifest_is_whole() {
        let loaders = BootLoaders::load().unwrap();
        for loader in loaders.iter() {
            assert!(loader.path.is_absolute());
            let digest = loaders.0.digest.iter().any(|d| d.file == loader.file);
            // A fetched one is proven by apt, whatever its version.
            assert_ne!(digest, loader.release.is_some(), "{}", loader.file);
            let known = |release: &String| Distro::codenames().contains(&release.as_str());
            assert!(loader.release.as_ref().is_none_or(known), "{loader:?}");
        }
        let mut offered: Vec<_> = loaders.iter().flat_map(|l| l.architectures.clone()).collect();
        offered.sort();
        offered.dedup();
        let served = ClientArchitecture::listed().filter(|a| matches!(a.service(), LoaderService::Loader(_)));
        assert_eq!(offered, served.collect::<Vec<_>>());
    }

    fn fetched(folder: &Path) -> LoaderPackages {
        LoaderPackages::new(folder.join("state"), Base::from_folders([folder]))
    }

    #[test]
    fn missing_and_changed_ones_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let loaders = BootLoaders::load().unwrap();
        let loader = loaders.iter().next().unwrap();
        let read = |loader: &BootLoader| loaders.read(loader, folder.path(), &fetched(folder.path()));
        let missing = read(loader).unwrap_err().to_string();
        assert!(missing.contains("undionly.kpxe") && missing.contains("apt-get install ipxe"), "{missing}");
        let path = folder.path().join("usr/lib/ipxe");
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("undionly.kpxe"), "not iPXE").unwrap();
        let changed = read(loader).unwrap_err().to_string();
        assert!(changed.contains("dpkg --verify ipxe"), "{changed}");
        let other = loaders.iter().find(|loader| loader.release.is_some()).unwrap();
        assert!(matches!(read(other), Err(BootLoaderError::NotFetched { .. })));
    }

    #[test]
    fn another_version_is_taken_if_apt_proved_its_package() {
        let folder = tempfile::tempdir().unwrap();
        let loaders = BootLoaders::load().unwrap();
        let loader = loaders.iter().next().unwrap();
        let path = folder.path().join("usr/lib/ipxe");
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("undionly.kpxe"), "newer").unwrap();
        let package = |bytes: &[u8]| {
            let candidate = Candidate {
                package: loader.package.clone(),
                version: "2.0".to_owned(),
                file: "ipxe_2.0_all.deb".to_owned(),
                size: 1,
                sha256: Sha256Digest::hash(b"deb"),
            };
            ProvenPackage { candidate, files: [(loader.path.clone(), bytes.to_vec())].into() }
        };
        let read = || loaders.read(loader, folder.path(), &fetched(folder.path()));
        fetched(folder.path()).keep("bookworm", &package(b"other")).unwrap();
        assert!(matches!(read(), Err(BootLoaderError::Unknown { .. })));
        fetched(folder.path()).keep("bookworm", &package(b"newer")).unwrap();
        assert_eq!(read().unwrap(), b"newer");
    }

    /// Of another Debian release, where an administrator fetched it.
    #[test]
    fn a_newer_one_is_served_if_it_was_fetched() {
        let folder = tempfile::tempdir().unwrap();
        let loaders = BootLoaders::load().unwrap();
        let loader = loaders.iter().find(|loader| loader.file == "snponly.efi").unwrap();
        let newer = loader.newer.as_ref().unwrap();
        let files = |installed| -> Vec<(String, Vec<String>)> {
            let all = loaders.to_fetch(installed, folder.path());
            let text = |path: &&Path| path.file_name().unwrap().to_string_lossy().into_owned();
            let ipxe = all.iter().filter(|((_, package), _)| *package == "ipxe");
            ipxe.map(|((release, _), paths)| ((*release).to_owned(), paths.iter().map(text).collect())).collect()
        };
        let of_13 = |more: &[&str]| {
            let mut names = vec!["ipxe-amd64.efi", "ipxe-arm64.efi", "snponly.efi"];
            names.extend(more);
            ("trixie".to_owned(), names.into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        // Without a file of the installed package its proof is fetched too.
        let of_12 = ("bookworm".to_owned(), ["ipxe.efi", "snponly.efi", "undionly.kpxe"].map(str::to_owned).to_vec());
        assert_eq!(files(Some("bookworm")), [of_12, of_13(&[])]);
        assert_eq!(files(Some("trixie")), [of_13(&["undionly.kpxe"])]);
        assert_eq!(files(None), [of_13(&[])]);
        let candidate = Candidate {
            package: loader.package.clone(),
            version: "2.0".to_owned(),
            file: "ipxe_2.0_all.deb".to_owned(),
            size: 1,
            sha256: Sha256Digest::hash(b"deb"),
        };
        let package = ProvenPackage { candidate, files: [(newer.path.clone(), b"of 13".to_vec())].into() };
        let read = || loaders.read(loader, folder.path(), &fetched(folder.path()));
        assert!(matches!(read(), Err(BootLoaderError::Missing { .. })));
        fetched(folder.path()).keep("trixie", &package).unwrap();
        assert_eq!(read().unwrap(), b"of 13");
    }
}
