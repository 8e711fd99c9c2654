// SPDX-License-Identifier: GPL-3.0-or-later
//! Where ZFS is. No distribution includes it in its own installation. Debian has its source, and the module is built
//! with the image. For Rocky Linux and AlmaLinux the site adds the packages of OpenZFS.

use super::Kernel;
use super::builds::packages_in_image;
use super::packages::Inventory;
use crate::boot::Source;
use crate::types::{Cpu, Distro, HostType};
use std::io;
use std::path::Path;

/// The component of Debian's archive with it.
pub const COMPONENT: &str = "contrib";
/// Programs, and the module's source, which is built for every later kernel of a host too.
const DEBIAN: [&str; 3] = ["zfs-dkms", "zfsutils-linux", "zfs-zed"];
/// Programs, and the module, compiled for the distribution's kernel or as source.
const PROGRAMS: &str = "zfs";
const MODULES: [&str; 2] = ["kmod-zfs", "zfs-dkms"];

/// The additional packages of an image with it, besides its list.
pub fn image_packages(kernel: Kernel, cpu: Cpu) -> impl Iterator<Item = String> {
    DEBIAN.into_iter().map(str::to_owned).chain([kernel.headers(cpu)])
}

/// Whether a package shows that a build has it.
pub fn is_its_source(package: &str) -> bool {
    DEBIAN.contains(&package)
}

/// Whether an installation from `source` has it: in the image of its type, or among the local packages of `packages`. A
/// build without a list of its packages counts as without ZFS.
///
/// # Errors
/// When that cannot be checked: a host would get another layout than it should.
pub fn is_there(
    distros: &Path,
    distro: &Distro,
    host_type: HostType,
    source: &Source,
    local: &Path,
    packages: Option<&Distro>,
) -> io::Result<bool> {
    match source {
        Source::Image { build, .. } => {
            let folder = distros.join(distro.as_str()).join(build.as_str());
            match packages_in_image(&folder, host_type) {
                Ok(all) => Ok(DEBIAN.iter().all(|name| all.contains(*name))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error),
            }
        }
        Source::Tree { .. } => packages.map_or(Ok(false), |distro| among(local, distro)),
    }
}

fn among(local: &Path, distro: &Distro) -> io::Result<bool> {
    let Some(inventory) = Inventory::read(local, distro).map_err(io::Error::other)? else { return Ok(false) };
    let has = |name: &str| inventory.packages.iter().any(|package| package.nevra.name() == name);
    Ok(has(PROGRAMS) && MODULES.into_iter().any(has))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::Fetched;
    use crate::types::{Line, Sha256Digest};

    #[test]
    fn an_image_has_it_when_all_of_it_is_in_its_list() {
        let folder = tempfile::tempdir().unwrap();
        let distro: Distro = "x86_64-linux-debian-12".parse().unwrap();
        let build = folder.path().join("x86_64-linux-debian-12/b1");
        std::fs::create_dir_all(&build).unwrap();
        let file = || Fetched { path: "x".to_owned(), sha256: Sha256Digest::hash(b""), size: 1 };
        let source =
            Source::Image { build: Line::lossy("b1"), kernel: file(), initrd: file(), image: file(), unpacked: 1 };
        let is_there = |host_type| is_there(folder.path(), &distro, host_type, &source, folder.path(), None);
        let found = |host_type| is_there(host_type).unwrap();
        assert!(!found(HostType::SCH), "no list");
        std::fs::write(build.join("packages-SCH.txt"), "zfs-dkms 2.1\nzfs-zed 2.1\nzfsutils-linux 2.1\n").unwrap();
        std::fs::write(build.join("packages-TCH.txt"), "zfs-dkms 2.1\n").unwrap();
        assert!(found(HostType::SCH) && !found(HostType::TCH));
        std::fs::create_dir(build.join("packages-DRH.txt")).unwrap();
        assert!(is_there(HostType::DRH).is_err(), "a list that cannot be read is not one without ZFS");
    }

    #[test]
    fn local_packages_have_it_with_a_module() {
        let folder = tempfile::tempdir().unwrap();
        let distro: Distro = "x86_64-linux-rockylinux-10".parse().unwrap();
        let source = Source::Tree { path: Line::lossy("x86_64-linux-rockylinux-10.1") };
        let repodata = folder.path().join("x86_64-linux-rockylinux-10/Repo/repodata");
        std::fs::create_dir_all(&repodata).unwrap();
        let publish = |names: &[&str]| {
            let mut text = "version = 1\ndistro = \"x86_64-linux-rockylinux-10\"\n".to_owned();
            for name in names {
                text.push_str(&format!(
                    "[[package]]\nsize = 1\nsha256 = \"{}\"\nsigner = \"{}\"\n[package.nevra]\nname = \"{name}\"\nepoch = 0\n\
                     version = \"2.3\"\nrelease = \"1.el10\"\narch = \"x86_64\"\n",
                    "0".repeat(64),
                    "A".repeat(40)
                ));
            }
            std::fs::write(repodata.join("hps.toml"), &text).unwrap();
            let digest = Sha256Digest::hash(text.as_bytes());
            let index = format!(
                "<?xml version=\"1.0\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n<data type=\"hps\">\n\
                 <checksum type=\"sha256\">{digest}</checksum>\n<location href=\"repodata/hps.toml\"/>\n<size>{}</size>\n</data>\n</repomd>\n",
                text.len()
            );
            std::fs::write(repodata.join("repomd.xml"), index).unwrap();
            assert_eq!(Inventory::read(folder.path(), &distro).unwrap().unwrap().packages.len(), names.len());
            is_there(folder.path(), &distro, HostType::SCH, &source, folder.path(), Some(&distro)).unwrap()
        };
        assert!(!publish(&["zfs"]) && !publish(&["kmod-zfs"]));
        assert!(publish(&["zfs", "kmod-zfs"]) && publish(&["zfs", "zfs-dkms"]));
        assert!(!is_there(folder.path(), &distro, HostType::SCH, &source, folder.path(), None).unwrap());
        std::fs::remove_file(repodata.join("hps.toml")).unwrap();
        assert!(is_there(folder.path(), &distro, HostType::SCH, &source, folder.path(), Some(&distro)).is_err());
    }
}
