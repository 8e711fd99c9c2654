// SPDX-License-Identifier: GPL-3.0-or-later
//! The contents of a repository, with the digest and the signer of each package. It is one more file of the metadata,
//! so the rename that makes these visible publishes it too.

use super::{PackageError, REPO, refused, repomd};
use crate::media::brought::Brought;
use crate::types::{Distro, Fingerprint, Nevra, Sha256Digest};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The type of the file in `repomd.xml`; dnf ignores unknown types.
pub(super) const KIND: &str = "hps";

/// The lines of a hundred thousand packages have fewer bytes.
const MAX_INVENTORY_BYTES: u64 = 64 << 20;

/// A package in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its size in bytes.
    pub size: u64,
    /// The digest of its file.
    pub sha256: Sha256Digest,
    /// The key that signed it.
    pub signer: Fingerprint,
    /// Its name.
    pub nevra: Nevra,
}

/// All packages of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    version: u32,
    distro: Distro,
    /// In the order of their names.
    #[serde(default, rename = "package")]
    pub packages: Vec<Package>,
}

impl Inventory {
    const VERSION: u32 = 1;

    /// One without packages.
    pub fn empty(distro: &Distro) -> Self {
        Self { version: Self::VERSION, distro: distro.clone(), packages: Vec::new() }
    }

    /// The one of the repository of `distro`; `None` if none is published.
    ///
    /// # Errors
    /// When it cannot be read, or another program made it.
    pub fn read(packages: &Path, distro: &Distro) -> Result<Option<Self>, PackageError> {
        let repo = packages.join(distro.as_str()).join(REPO);
        let Some(files) = repomd::read(&repo)? else { return Ok(None) };
        let Some(file) = files.iter().find(|file| file.kind == KIND) else {
            let problem = "it was not made by this program; move it away, and add its packages with build-repository";
            return Err(refused(repo.display(), problem));
        };
        let path = repo.join(repomd::FOLDER).join(&file.name);
        let text = Brought::text(&path, MAX_INVENTORY_BYTES)?;
        let wrong = |problem: String| refused(path.display(), problem);
        let inventory: Self = toml::from_str(&text).map_err(|error| wrong(error.message().replace('\n', " ")))?;
        if inventory.version != Self::VERSION {
            return Err(wrong(format!(
                "version is {}: this program reads version {}",
                inventory.version,
                Self::VERSION
            )));
        }
        if inventory.distro != *distro {
            return Err(wrong(format!("it is that of {}", inventory.distro)));
        }
        Ok(Some(inventory))
    }

    /// Which distro it is for.
    pub fn distro(&self) -> &Distro {
        &self.distro
    }

    /// The file's text.
    pub(super) fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The package with the same file name.
    pub fn find(&self, nevra: &Nevra) -> Option<&Package> {
        let name = nevra.file_name();
        self.packages.iter().find(|package| package.nevra.file_name() == name)
    }
}
