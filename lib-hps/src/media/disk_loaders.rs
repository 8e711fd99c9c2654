// SPDX-License-Identifier: GPL-3.0-or-later
//! The loaders of local disks: GRUB, made on this node from Debian's packages, which iPXE starts to find the disk that starts a system.
//!
//! What each of them does is in `tftp-assets/local-disk/`. iPXE alone can only start the firmware's first disk (BIOS), or end and leave
//! the choice to the firmware (UEFI).

use super::cpio;
use super::work_folder::{WorkFolderError, work_folder};
use crate::exec::{ExecError, grub_mkimage};
use crate::files::{FileError, IoError, read_input};
use crate::types::{DISK_LOADER_BIOS, DISK_LOADER_UEFI};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// GRUB's commands in both.
const COMMANDS: [&str; 11] =
    ["memdisk", "newc", "part_gpt", "part_msdos", "chain", "echo", "test", "normal", "minicmd", "regexp", "boot"];
/// The file systems that the marks of a system for BIOS may be on, and what may be below them.
const FILE_SYSTEMS: [&str; 9] = ["ext2", "xfs", "btrfs", "fat", "ntfs", "ufs2", "diskfilter", "mdraid1x", "lvm"];

/// More than GRUB has.
const MAX_BYTES: u64 = 16 << 20;

/// One loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskLoader {
    /// For BIOS.
    Bios,
    /// For UEFI x86-64.
    Uefi,
}

/// Why it cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DiskLoaderError {
    /// The package with GRUB's modules is not installed.
    #[error(
        "{file}: it is made from GRUB's modules, which are not installed; install them with: apt-get install {package}"
    )]
    Missing {
        /// The loader.
        file: &'static str,
        /// The package.
        package: &'static str,
    },
    /// GRUB's program failed.
    #[error("{file}: cannot be made")]
    Program {
        /// The loader.
        file: &'static str,
        /// Why.
        source: ExecError,
    },
    /// There is no temporary folder.
    #[error(transparent)]
    Folder(#[from] WorkFolderError),
    /// A file cannot be written.
    #[error(transparent)]
    Io(#[from] IoError),
    /// What GRUB's program made cannot be read.
    #[error(transparent)]
    Made(#[from] FileError),
}

impl DiskLoader {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Bios, Self::Uefi];

    /// Its name in the TFTP folder.
    pub fn file(self) -> &'static str {
        match self {
            Self::Bios => DISK_LOADER_BIOS,
            Self::Uefi => DISK_LOADER_UEFI,
        }
    }

    /// Makes it. `root` precedes the paths of packages. `network` is the network boot program that the one for BIOS starts if it finds no
    /// disk.
    ///
    /// # Errors
    /// [`DiskLoaderError`].
    pub fn make(self, root: &Path, network: &[u8], stop: &AtomicBool) -> Result<Vec<u8>, DiskLoaderError> {
        let (folder, package) = match self {
            Self::Bios => ("usr/lib/grub/i386-pc", "grub-pc-bin"),
            Self::Uefi => ("usr/lib/grub/x86_64-efi", "grub-efi-amd64-bin"),
        };
        let folder = root.join(folder);
        if !folder.try_exists().map_err(IoError::during("look for", &folder))? {
            return Err(DiskLoaderError::Missing { file: self.file(), package });
        }
        let room = work_folder()?;
        let path = |name: &str| room.path().join(name);
        let (content, memdisk, out) = (path("content"), path("memdisk"), path("out"));
        let folder = content.join("boot/grub");
        std::fs::create_dir_all(&folder).map_err(IoError::during("make", &folder))?;
        let mut files: Vec<(&str, &[u8])> = vec![("boot/grub/grub.cfg", self.configuration().as_bytes())];
        if self == Self::Bios {
            files.push(("undionly.kpxe", network));
        }
        for (name, bytes) in files {
            let file = content.join(name);
            std::fs::write(&file, bytes).map_err(IoError::during("write", &file))?;
        }
        let file = std::fs::File::create(&memdisk).map_err(IoError::during("make", &memdisk))?;
        cpio::write(&content, file).map_err(IoError::during("write", &memdisk))?;
        let image = match self {
            Self::Bios => [&COMMANDS[..], &FILE_SYSTEMS, &["pxe", "pxechain", "biosdisk", "sleep", "reboot"]].concat(),
            Self::Uefi => [&COMMANDS[..], &["fat"]].concat(),
        };
        let format = match self {
            Self::Bios => "i386-pc-pxe",
            Self::Uefi => "x86_64-efi",
        };
        let image = grub_mkimage::Image { format, modules: &image, memdisk: &memdisk };
        grub_mkimage::make(image, &out, stop)
            .map_err(|source| DiskLoaderError::Program { file: self.file(), source })?;
        Ok(read_input(&out, MAX_BYTES)?)
    }

    fn configuration(self) -> &'static str {
        match self {
            Self::Bios => include_str!("../../../tftp-assets/local-disk/bios.cfg"),
            Self::Uefi => include_str!("../../../tftp-assets/local-disk/uefi.cfg"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::NEVER;

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        for loader in DiskLoader::ALL {
            let make = |network: &[u8]| loader.make(Path::new("/"), network, &NEVER).unwrap();
            let first = make(b"iPXE");
            assert!(first.len() > 100_000, "{loader:?}: {}", first.len());
            assert!(first == make(b"iPXE"), "{loader:?}");
            assert_eq!(loader == DiskLoader::Bios, first != make(b"another iPXE"), "{loader:?}");
        }
    }

    #[test]
    fn without_modules_the_package_is_named() {
        let empty = tempfile::tempdir().unwrap();
        let error = DiskLoader::Bios.make(empty.path(), b"", &NEVER).unwrap_err().to_string();
        assert!(error.contains("apt-get install grub-pc-bin"), "{error}");
    }
}
