// SPDX-License-Identifier: GPL-3.0-or-later
//! A change of a repository.

use super::{Inventory, Package, PackageError, VerifiedPackage, refused};

/// A name that no package of a repository has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}: no such package in the repository")]
pub struct NoSuchPackage(pub String);

/// The change.
#[derive(Debug, Default)]
pub struct Change<'a> {
    pub(super) add: Vec<&'a VerifiedPackage>,
    pub(super) remove: Vec<Package>,
}

impl<'a> Change<'a> {
    /// All of `verified` that are not there yet.
    ///
    /// # Errors
    /// If a package of that name, with other bytes, is there or among them.
    pub fn adding(inventory: &Inventory, verified: &'a [VerifiedPackage]) -> Result<Self, PackageError> {
        let mut change = Self::default();
        for new in verified {
            let package = new.package();
            let among = |known: &&&VerifiedPackage| known.package().nevra.file_name() == package.nevra.file_name();
            let known = inventory.find(&package.nevra).or_else(|| change.add.iter().find(among).map(|p| p.package()));
            match known {
                Some(known) if known.sha256 == package.sha256 => {}
                Some(known) => {
                    let problem = format!(
                        "another package with that name exists, with SHA-256 {}; give the new one another release, or remove the old one with --remove {}",
                        known.sha256, known.nevra
                    );
                    return Err(refused(&package.nevra, problem));
                }
                None => change.add.push(new),
            }
        }
        Ok(change)
    }

    /// All packages that `names` match.
    ///
    /// # Errors
    /// The first name that matches none.
    pub fn removing(inventory: &Inventory, names: &[String]) -> Result<Self, NoSuchPackage> {
        let mut remove: Vec<Package> = Vec::new();
        for name in names {
            let meant: Vec<&Package> = inventory.packages.iter().filter(|p| p.nevra.is_meant_by(name)).collect();
            if meant.is_empty() {
                return Err(NoSuchPackage(name.clone()));
            }
            remove.extend(meant.into_iter().cloned());
        }
        remove.sort_by(|a, b| a.nevra.cmp(&b.nevra));
        remove.dedup();
        Ok(Self { add: Vec::new(), remove })
    }

    /// The added packages.
    pub fn added(&self) -> impl Iterator<Item = &Package> {
        self.add.iter().map(|verified| verified.package())
    }

    /// The removed packages.
    pub fn removed(&self) -> &[Package] {
        &self.remove
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}
