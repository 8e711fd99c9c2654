// SPDX-License-Identifier: GPL-3.0-or-later
//! The ingredients of a build of Debian by image: the scripts and lists of `scripts/node/`, compiled in, the host
//! types, the kernel, and the packages that apt chooses. Their digest shows whether a new build is needed.

use super::package_versions::version_lines;
use super::recipe_files::{PARTS, list};
use super::{Kernel, Manifest, zfs};
use crate::types::{Cpu, Distro, HostType, Sha256Digest};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What to build.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The processor that the systems are for.
    pub cpu: Cpu,
    /// The kernel of environment and images.
    pub kernel: Kernel,
    /// Whether firmware from non-free-firmware is included.
    pub firmware: bool,
    /// An image for each, with the package list of the type of HPS that it is made from.
    pub types: BTreeMap<HostType, HostType>,
    /// Packages that the cluster file and site profiles add to the image of a type.
    pub site: BTreeMap<HostType, BTreeSet<String>>,
}

impl Recipe {
    /// The release's code name, which its archives use; `None` for a system that is not built here.
    pub fn suite(distro: &Distro) -> Option<&'static str> {
        distro.codename()
    }

    /// The needed components of the archive.
    pub fn components(&self) -> Vec<&'static str> {
        let mut components = vec!["main"];
        if self.has_zfs() {
            components.push(zfs::COMPONENT);
        }
        if self.firmware {
            components.push("non-free-firmware");
        }
        components
    }

    fn has_zfs(&self) -> bool {
        self.site.values().flatten().any(|package| zfs::is_its_source(package))
    }

    /// The most disk space that a build needs, by a generous estimate: one root with its downloads at a time, packed
    /// once before it is compressed, and the finished images.
    pub fn space(&self) -> u64 {
        const MIB: u64 = 1 << 20;
        let firmware = if self.firmware { 1024 } else { 0 };
        let modules = if self.has_zfs() { 2048 } else { 0 };
        (2048 + firmware + modules + 256 * self.types.len() as u64).saturating_mul(MIB)
    }

    /// Packages that the node environment is taken from.
    pub fn node_packages(&self) -> Vec<String> {
        self.packages(&["packages/node.list"])
    }

    /// Packages of the image for a host type.
    pub fn image_packages(&self, host_type: HostType) -> Vec<String> {
        let from = self.types.get(&host_type).copied().unwrap_or(host_type);
        let mut packages = self.packages(&["packages/common.list", &format!("packages/{from}.list")]);
        for package in self.site.get(&host_type).into_iter().flatten() {
            if !packages.contains(package) {
                packages.push(package.clone());
            }
        }
        packages
    }

    /// All of them.
    pub fn all_packages(&self) -> Vec<String> {
        let mut all: BTreeSet<String> = self.node_packages().into_iter().collect();
        all.extend(self.types.keys().flat_map(|t| self.image_packages(*t)));
        all.into_iter().collect()
    }

    fn packages(&self, lists: &[&str]) -> Vec<String> {
        let firmware = if self.firmware { "packages/firmware.list" } else { "" };
        let listed = PARTS.iter().filter(|(name, ..)| lists.contains(name) || *name == firmware);
        let mut packages: Vec<String> =
            listed.flat_map(|(_, text, _)| list(text, self.cpu.debian())).map(str::to_owned).collect();
        packages.push(self.kernel.package(self.cpu));
        packages
    }

    /// The digest over all of it, with the versions that apt chooses.
    pub fn digest(&self, versions: &BTreeMap<String, String>) -> Sha256Digest {
        let mut text = format!("{self:?}\n");
        for (name, content, mode) in &PARTS {
            text.push_str(&format!("{name} {mode:o} {}\n", Sha256Digest::hash(content.as_bytes())));
        }
        text.push_str(&version_lines(versions));
        Sha256Digest::hash(text.as_bytes())
    }

    /// Writes the scripts and lists to a folder, where the programs that build find them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for (name, content, mode) in &PARTS {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(&path, content)?;
            std::fs::set_permissions(&path, Permissions::from_mode(*mode))?;
        }
        Ok(())
    }
}

/// Whether this version would make the same build with these packages of the site, with any options: then `build-image`
/// has no work until Debian has other packages. `from` is the type of HPS that a type is made from.
pub fn is_of_this_version(
    manifest: &Manifest,
    versions: &BTreeMap<String, String>,
    site: &BTreeMap<HostType, BTreeSet<String>>,
    from: impl Fn(HostType) -> Option<HostType>,
) -> bool {
    let kernel = Kernel::from_package(manifest.kernel.as_str());
    let cpu = manifest.distro.processor();
    let types = manifest.images.keys().map(|host_type| Some((*host_type, from(*host_type)?)));
    let Some(types) = types.collect::<Option<BTreeMap<HostType, HostType>>>() else { return false };
    [false, true].into_iter().any(|firmware| {
        let recipe = Recipe { cpu, kernel, firmware, types: types.clone(), site: site.clone() };
        recipe.digest(versions) == manifest.recipe
    })
}

#[cfg(test)]
#[path = "recipe_tests.rs"]
mod tests;
