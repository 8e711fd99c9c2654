// SPDX-License-Identifier: GPL-3.0-or-later
//! All contents of a repository, verified again.

use super::{AcceptedKeys, Inventory, PackageError, Repository, repomd};
use crate::exec::gzip;
use crate::files::IoError;
use crate::media::brought::Brought;
use crate::media::settled;
use crate::types::Sha256Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The list of a hundred thousand packages is shorter.
const MAX_LIST_BYTES: usize = 1 << 30;

impl Repository {
    /// Reads every file of it again: metadata against `repomd.xml`, packages against the metadata and the inventory,
    /// signatures against the keys that are accepted today. Returns the faults, a line each. `progress` gets the number
    /// of packages so far, and their total.
    ///
    /// # Errors
    /// When something cannot be checked, or `stop` is set meanwhile.
    pub fn verify(
        &self,
        keys: &AcceptedKeys,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Vec<String>, PackageError> {
        let inventory = self.inventory()?;
        let mut wrong = Vec::new();
        for folder in [self.repo(), self.repo().join(repomd::FOLDER)].iter().filter(|folder| folder.is_dir()) {
            wrong.extend(settled::wrong_of(folder).map(|why| format!("{} {why}", folder.display())));
        }
        let listed = self.listed(stop, &mut wrong)?;
        let expected: BTreeSet<String> = inventory.packages.iter().map(|p| p.nevra.file_name()).collect();
        for name in listed.keys().filter(|name| !expected.contains(*name)) {
            wrong.push(format!("{name} is in the metadata, but this program did not add it"));
        }
        for (seen, package) in (1u64..).zip(&inventory.packages) {
            let name = package.nevra.file_name();
            match listed.get(&name) {
                Some(digest) if *digest == package.sha256 => {}
                Some(digest) => {
                    wrong.push(format!("{name} has SHA-256 {digest} in the metadata, not {}", package.sha256))
                }
                None => wrong.push(format!("{name} is not in the metadata")),
            }
            match self.verify_again(keys, &inventory, &name, stop) {
                Ok(found) if found == package.sha256 => {}
                Ok(found) => wrong.push(format!("{name} has SHA-256 {found}, not {}", package.sha256)),
                Err(error) if error.is_missing() => wrong.push(format!("{name} is missing")),
                Err(error) if error.is_refusal() => wrong.push(error.to_string()),
                Err(error) => return Err(error),
            }
            progress(seen, Some(inventory.packages.len() as u64));
        }
        Ok(wrong)
    }

    fn verify_again(
        &self,
        keys: &AcceptedKeys,
        inventory: &Inventory,
        name: &str,
        stop: &AtomicBool,
    ) -> Result<Sha256Digest, PackageError> {
        let path = self.repo().join(name);
        Brought::open(&path)?;
        if let Some(why) = settled::wrong_of(&path) {
            return Err(super::refused(name, why));
        }
        let verified = keys.verify(&path, name, inventory.distro(), stop)?;
        if verified.package().nevra.file_name() != name {
            return Err(super::refused(name, format!("it is {}", verified.package().nevra)));
        }
        Ok(verified.package().sha256)
    }

    /// The packages of the metadata, whose files are checked against the digests in `repomd.xml`.
    fn listed(
        &self,
        stop: &AtomicBool,
        wrong: &mut Vec<String>,
    ) -> Result<BTreeMap<String, Sha256Digest>, PackageError> {
        let folder = self.repo().join(repomd::FOLDER);
        let mut listed = BTreeMap::new();
        for file in repomd::read(&self.repo())?.unwrap_or_default() {
            let path = folder.join(&file.name);
            match digest(&path) {
                Ok(found) if found == file.sha256 => {}
                Ok(found) => {
                    wrong.push(format!("repodata/{} has SHA-256 {found}, not {}", file.name, file.sha256));
                    continue;
                }
                Err(error) if error.is_missing() => {
                    wrong.push(format!("repodata/{} is missing", file.name));
                    continue;
                }
                Err(error) => return Err(error),
            }
            if file.kind == "primary" {
                let text = gzip::text(&path, MAX_LIST_BYTES, stop)?;
                match repomd::packages(&text) {
                    Some(packages) => listed = packages,
                    None => wrong.push(format!("repodata/{}: not as createrepo_c writes it", file.name)),
                }
            }
        }
        Ok(listed)
    }
}

fn digest(path: &Path) -> Result<Sha256Digest, PackageError> {
    let file = Brought::open(path)?.into_file();
    Ok(Sha256Digest::hash_reader(file).map(|(digest, _)| digest).map_err(IoError::during("read", path))?)
}
