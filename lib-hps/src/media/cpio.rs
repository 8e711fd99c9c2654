// SPDX-License-Identifier: GPL-3.0-or-later
//! The archive that the kernel takes as initrd: cpio "newc", as in Documentation/driver-api/early-userspace/buffer-format.rst.
//!
//! Everything belongs to root and has no time, so that the same files always give the same archive. It has only
//! folders, files and symbolic links: the kernel makes devices itself.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Writes everything below `root`.
///
/// # Errors
/// When a file cannot be read, is of another kind or larger than 4 GiB, or the archive cannot be written.
pub fn write(root: &Path, mut out: impl Write) -> io::Result<()> {
    let mut number = 0;
    folder(root, b"", &mut number, &mut out)?;
    entry(&mut out, 0, b"TRAILER!!!", 0, b"")
}

fn folder(path: &Path, prefix: &[u8], number: &mut u32, out: &mut impl Write) -> io::Result<()> {
    let mut entries = std::fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for found in entries {
        let path = found.path();
        let metadata = std::fs::symlink_metadata(&path)?;
        let mut name = prefix.to_vec();
        name.extend_from_slice(found.file_name().as_bytes());
        *number += 1;
        let mode = metadata.permissions().mode();
        if metadata.is_dir() {
            entry(out, *number, &name, mode, b"")?;
            name.push(b'/');
            folder(&path, &name, number, out)?;
        } else if metadata.is_symlink() {
            entry(out, *number, &name, mode, std::fs::read_link(&path)?.as_os_str().as_bytes())?;
        } else if metadata.is_file() {
            entry(out, *number, &name, mode, &std::fs::read(&path)?)?;
        } else {
            return Err(io::Error::other(format!("{}: not a file, folder or link", path.display())));
        }
    }
    Ok(())
}

fn entry(out: &mut impl Write, number: u32, name: &[u8], mode: u32, data: &[u8]) -> io::Result<()> {
    let too_large = || io::Error::other(format!("{}: larger than 4 GiB", String::from_utf8_lossy(name)));
    let size = u32::try_from(data.len()).map_err(|_| too_large())?;
    let name_size = u32::try_from(name.len() + 1).map_err(|_| too_large())?;
    out.write_all(b"070701")?;
    // ino, mode, uid, gid, nlink, mtime, filesize, device major and minor, rdev major and minor, namesize, check.
    for field in [number, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0] {
        write!(out, "{field:08x}")?;
    }
    out.write_all(name)?;
    // The header has 110 bytes; name and data each end on a multiple of four.
    out.write_all(padding(110 + name.len() + 1, 1))?;
    out.write_all(data)?;
    out.write_all(padding(data.len(), 0))
}

/// Zeros up to the next multiple of four after `length`, and `more` for the end of a text.
fn padding(length: usize, more: usize) -> &'static [u8] {
    const ZEROS: [u8; 4] = [0; 4];
    ZEROS.get(..more + (4 - length % 4) % 4).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_to_the_byte() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::create_dir(path("d")).unwrap();
        std::fs::write(path("d/file"), "hello").unwrap();
        std::os::unix::fs::symlink("d/file", path("link")).unwrap();
        for (name, mode) in [("d", 0o755), ("d/file", 0o644)] {
            std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let mut archive = Vec::new();
        write(root.path(), &mut archive).unwrap();
        let header = |ino, mode, size, name| {
            format!("070701{ino:08x}{mode:08x}{z}{z}00000001{z}{size:08x}{z}{z}{z}{z}{name:08x}{z}", z = "00000000")
        };
        let expected = [
            header(1, 0o40755, 0, 2),
            "d\0".into(),
            header(2, 0o100_644, 5, 7),
            "d/file\0\0\0\0hello\0\0\0".into(),
            header(3, 0o120_777, 6, 5),
            "link\0\0d/file\0\0".into(),
            header(0, 0, 0, 11),
            "TRAILER!!!\0\0\0\0".into(),
        ]
        .concat();
        assert_eq!(String::from_utf8(archive).unwrap(), expected);
    }
}
