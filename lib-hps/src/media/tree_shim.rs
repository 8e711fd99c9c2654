// SPDX-License-Identifier: GPL-3.0-or-later
//! Shim and GRUB of an installation tree. The shim has the key of the tree's kernel and is signed for the keys of
//! firmware, so a machine with Secure Boot on is installed from the tree through these two.

use super::RecordError;
use super::inventory::file_as_published;
use super::trees::newest;
use crate::files::IoError;
use crate::types::{ClientArchitecture, Distro};
use std::path::Path;

/// The clients that they are for: UEFI x86-64, by TFTP and by HTTP.
pub const ARCHITECTURES: [ClientArchitecture; 3] =
    [ClientArchitecture::new(7), ClientArchitecture::new(9), ClientArchitecture::new(16)];
/// The shim, as firmware asks for it.
pub const SHIM: &str = "BOOTX64.EFI";
/// GRUB, as the shim asks for it, in its own folder.
pub const GRUB: &str = "grubx64.efi";

const FOLDER: &str = "EFI/BOOT";
/// Each has about a megabyte; GRUB some four.
const MAX_BYTES: u64 = 64 << 20;

/// Both, with their names.
pub type ShimFiles = [(&'static str, Vec<u8>); 2];

/// Whether the newest tree of this line has both.
///
/// # Errors
/// When that cannot be checked.
pub fn has_shim(distros: &Path, line: &Distro) -> Result<bool, IoError> {
    let release = newest(distros, line).map_err(IoError::during("read", distros))?;
    let Some(folder) = release.map(|release| distros.join(release.as_str()).join(FOLDER)) else { return Ok(false) };
    for name in [SHIM, GRUB] {
        let path = folder.join(name);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_file() => {}
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(IoError::during("read", &path)(error));
            }
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// Both files of the newest tree of this line, each with the digest that it had when the tree was published; `None` if
/// it has them not.
///
/// # Errors
/// When one cannot be read, or was changed.
pub fn read_shim(distros: &Path, line: &Distro) -> Result<Option<ShimFiles>, RecordError> {
    if !has_shim(distros, line)? {
        return Ok(None);
    }
    let Some(release) = newest(distros, line).map_err(IoError::during("read", distros))? else { return Ok(None) };
    let tree = distros.join(release.as_str());
    let read = |name: &'static str| {
        Ok::<_, RecordError>((name, file_as_published(&tree, &format!("{FOLDER}/{name}"), MAX_BYTES)?))
    };
    Ok(Some([read(SHIM)?, read(GRUB)?]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Sha256Digest;

    #[test]
    fn a_changed_shim_is_not_served() {
        let folder = tempfile::tempdir().unwrap();
        let line: Distro = "x86_64-linux-rockylinux-10".parse().unwrap();
        let read = || read_shim(folder.path(), &line);
        assert_eq!(read().unwrap(), None);
        let tree = folder.path().join("x86_64-linux-rockylinux-10.1");
        std::fs::create_dir_all(tree.join(FOLDER)).unwrap();
        std::fs::write(tree.join(FOLDER).join(SHIM), "shim").unwrap();
        assert_eq!(read().unwrap(), None, "a shim without GRUB starts nothing");
        std::fs::write(tree.join(FOLDER).join(GRUB), "GRUB").unwrap();
        assert!(has_shim(folder.path(), &line).unwrap());
        let inventory = [("shim", SHIM), ("GRUB", GRUB)]
            .map(|(text, name)| format!("{}  {FOLDER}/{name}\n", Sha256Digest::hash(text.as_bytes())));
        assert!(read().is_err(), "a tree without an inventory proves nothing");
        std::fs::write(tree.join(super::super::inventory::NAME), inventory.concat()).unwrap();
        assert_eq!(read().unwrap(), Some([(SHIM, b"shim".to_vec()), (GRUB, b"GRUB".to_vec())]));
        std::fs::write(tree.join(FOLDER).join(GRUB), "other").unwrap();
        assert!(read().unwrap_err().to_string().contains(GRUB));
    }
}
