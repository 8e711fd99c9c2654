// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot loaders: which file, from which Debian package, for which DHCP client architecture, with which digest.
//!
//! The manifest is `tftp-assets/manifest.toml`, compiled in. The source has no binary. Each boot loader is copied from
//! the installed package if its digest is known, and refused otherwise.

use crate::types::Sha256Digest;
use serde::Deserialize;
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
    /// Where the package puts it.
    pub path: PathBuf,
    /// The architectures it serves (DHCP option 93).
    pub architectures: Vec<u16>,
    /// Those of them that fetch it by HTTP.
    pub http_architectures: Vec<u16>,
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
        "boot loader {}: its digest {digest} is not in tftp-assets/manifest.toml; it is another version of the package {package}, or it was changed (see dpkg --verify {package})",
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

    /// The bytes of a boot loader from its package, verified. `root` precedes the package's path.
    ///
    /// # Errors
    /// [`BootLoaderError::Missing`] or [`BootLoaderError::Unknown`].
    pub fn read(&self, loader: &BootLoader, root: &Path) -> Result<Vec<u8>, BootLoaderError> {
        let path = root.join(loader.path.strip_prefix("/").unwrap_or(&loader.path));
        let package = loader.package.clone();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(problem) => return Err(BootLoaderError::Missing { path, problem, package }),
        };
        let digest = Sha256Digest::hash(&bytes);
        if self.0.digest.iter().any(|known| known.file == loader.file && known.sha256 == digest) {
            return Ok(bytes);
        }
        Err(BootLoaderError::Unknown { path, digest, package })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_whole() {
        let loaders = BootLoaders::load().unwrap();
        for loader in loaders.iter() {
            assert!(loader.path.is_absolute());
            assert!(loaders.0.digest.iter().any(|d| d.file == loader.file), "{}", loader.file);
            assert!(loader.http_architectures.iter().all(|a| loader.architectures.contains(a)));
        }
        let served: Vec<u16> = loaders.iter().flat_map(|l| l.architectures.clone()).collect();
        assert_eq!(served, [0, 7, 9, 16]);
    }

    #[test]
    fn missing_and_changed_ones_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let loaders = BootLoaders::load().unwrap();
        let loader = loaders.iter().next().unwrap();
        let missing = loaders.read(loader, folder.path()).unwrap_err().to_string();
        assert!(missing.contains("undionly.kpxe") && missing.contains("apt-get install ipxe"), "{missing}");
        let path = folder.path().join("usr/lib/ipxe");
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("undionly.kpxe"), "not iPXE").unwrap();
        let changed = loaders.read(loader, folder.path()).unwrap_err().to_string();
        assert!(changed.contains("dpkg --verify ipxe"), "{changed}");
    }
}
