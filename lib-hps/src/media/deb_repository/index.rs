// SPDX-License-Identifier: GPL-3.0-or-later
//! The published index: `dists/<codename>/InRelease` is signed and names the digest of the list of packages, which is a
//! file under that digest (`Acquire-By-Hash`). So one rename of `InRelease` replaces all of it.

use super::deb::{Deb, parse};
use super::{DebRepositoryError, refused};
use crate::files::IoError;
use crate::media::brought::Brought;
use crate::media::packages::REPO;
use crate::types::{Distro, Sha256Digest};
use std::path::{Path, PathBuf};

/// Its only component.
pub(super) const COMPONENT: &str = "main";
/// The signed file.
pub(super) const IN_RELEASE: &str = "InRelease";
/// The list of packages.
pub(super) const PACKAGES: &str = "Packages";
/// Some kilobytes.
const MAX_RELEASE_BYTES: u64 = 1 << 20;
/// The list of a hundred thousand packages is shorter.
const MAX_LIST_BYTES: u64 = 512 << 20;

/// Where the files of the index are, below the folder of the repository.
#[derive(Debug, Clone)]
pub(super) struct IndexPaths {
    suite: &'static str,
    architecture: &'static str,
}

impl IndexPaths {
    /// For a system of Debian.
    pub(super) fn for_distro(distro: &Distro) -> Result<Self, DebRepositoryError> {
        let suite = distro.codename().ok_or_else(|| {
            refused(distro, "packages are published for Debian 12 and 13, such as x86_64-linux-debian-12")
        })?;
        Ok(Self { suite, architecture: distro.processor().debian() })
    }

    pub(super) fn suite(&self) -> &'static str {
        self.suite
    }

    pub(super) fn architecture(&self) -> &'static str {
        self.architecture
    }

    /// `dists/bookworm`.
    pub(super) fn dist(&self) -> String {
        format!("dists/{}", self.suite)
    }

    /// Below that, as `InRelease` names it: `main/binary-amd64`.
    pub(super) fn binary(&self) -> String {
        format!("{COMPONENT}/binary-{}", self.architecture)
    }

    /// `dists/bookworm/main/binary-amd64/by-hash/SHA256`.
    pub(super) fn by_hash(&self) -> String {
        format!("{}/{}/by-hash/SHA256", self.dist(), self.binary())
    }

    /// The digest of the list of packages, from the text of `InRelease` or `Release`.
    pub(super) fn digest_of_list(&self, release: &str) -> Option<Sha256Digest> {
        let path = format!("{}/{PACKAGES}", self.binary());
        release.lines().find_map(|line| {
            let mut words = line.strip_prefix(' ')?.split_whitespace();
            let (digest, _size, name) = (words.next()?, words.next()?, words.next()?);
            digest.parse().ok().filter(|_| name == path)
        })
    }
}

/// The packages that hosts of a distro can get now; `None` if there is no repository.
///
/// # Errors
/// When the index cannot be read, or is not as this program wrote it.
pub fn published(packages: &Path, distro: &Distro) -> Result<Option<Vec<Deb>>, DebRepositoryError> {
    let paths = IndexPaths::for_distro(distro)?;
    let repo = packages.join(distro.as_str()).join(REPO);
    Ok(read(&repo, &paths)?.map(|(_, debs)| debs))
}

/// The digest of the published list, and its packages.
pub(super) fn read(repo: &Path, paths: &IndexPaths) -> Result<Option<(Sha256Digest, Vec<Deb>)>, DebRepositoryError> {
    let path = repo.join(paths.dist()).join(IN_RELEASE);
    let damaged = |path: &PathBuf, problem: String| DebRepositoryError::Damaged { path: path.clone(), problem };
    match path.symlink_metadata() {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(IoError::new("read", path, error).into()),
    }
    let release = Brought::text(&path, MAX_RELEASE_BYTES)?;
    let digest =
        paths.digest_of_list(&release).ok_or_else(|| damaged(&path, "it names no list of packages".to_owned()))?;
    let list = repo.join(paths.by_hash()).join(digest.to_string());
    let text = Brought::text(&list, MAX_LIST_BYTES)?;
    if Sha256Digest::hash(text.as_bytes()) != digest {
        return Err(damaged(&list, "it has changed since it was published".to_owned()));
    }
    let debs = parse(&text).map_err(|problem| damaged(&list, problem))?;
    Ok(Some((digest, debs)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_the_list() {
        let paths = IndexPaths::for_distro(&"aarch64-linux-debian-13".parse().unwrap()).unwrap();
        let digest = Sha256Digest::hash(b"x");
        let line = |name: &str| format!("Date: x\nSHA256:\n {digest}    772 {name}\n-----BEGIN");
        assert_eq!(paths.digest_of_list(&line("main/binary-arm64/Packages")), Some(digest));
        assert_eq!(paths.digest_of_list(&line("main/binary-amd64/Packages")), None);
        assert_eq!(paths.by_hash(), "dists/trixie/main/binary-arm64/by-hash/SHA256");
        assert!(IndexPaths::for_distro(&"x86_64-linux-debian-11".parse().unwrap()).is_err());
    }
}
