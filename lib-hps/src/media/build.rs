// SPDX-License-Identifier: GPL-3.0-or-later
//! Publishing a build: made in a hidden folder beside its place, complete and on the disk before one rename makes it
//! visible, and current only when `current.toml` is replaced. An earlier build stays, because machines may be fetching it.

use super::{File, Manifest};
use crate::types::Sha256Digest;
use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// How the name of a folder begins that is no build yet, or none any more.
pub(super) const HIDDEN: &str = ".build-";
const CURRENT: &str = "current.toml";

/// Why a build is not published.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Another build of this distro is under way.
    #[error("{}: another build is under way", .0.display())]
    Busy(PathBuf),
    /// The system refused an operation.
    #[error("{}: cannot {operation}", path.display())]
    Io {
        /// "read", ...
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

pub(super) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BuildError {
    let path = path.to_path_buf();
    move |source| BuildError::Io { operation, path, source }
}

/// The folder of one distro, locked: nobody else builds in it while this value lives.
#[derive(Debug)]
pub struct Builder {
    folder: PathBuf,
    #[expect(dead_code, reason = "closing it is what unlocks")]
    lock: std::fs::File,
}

impl Builder {
    /// Takes the folder, and removes what a build that was killed has left.
    ///
    /// # Errors
    /// [`BuildError::Busy`], or when the folder cannot be made.
    pub fn lock(folder: &Path) -> Result<Self, BuildError> {
        std::fs::create_dir_all(folder).map_err(io("create", folder))?;
        let path = folder.join(".lock");
        let lock = std::fs::File::options().create(true).append(true).open(&path).map_err(io("open", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(BuildError::Busy(folder.to_path_buf())),
            Err(std::fs::TryLockError::Error(error)) => return Err(io("lock", &path)(error)),
        }
        let builder = Self { folder: folder.to_path_buf(), lock };
        for name in builder.names()? {
            if name.starts_with(HIDDEN) {
                remove_tree(&folder.join(name))?;
            }
        }
        Ok(builder)
    }

    /// A hidden folder to work in, removed with all that is in it when the value is dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn workshop(&self) -> Result<tempfile::TempDir, BuildError> {
        tempfile::Builder::new().prefix(HIDDEN).tempdir_in(&self.folder).map_err(io("create a folder in", &self.folder))
    }

    /// Makes a folder of the workshop, with all its files, the build that the manifest names, and that build the current one.
    ///
    /// # Errors
    /// When a step fails; what was current is current then.
    pub fn publish(&self, staged: &Path, manifest: &Manifest) -> Result<(), BuildError> {
        write_synced(&staged.join("manifest.toml"), manifest.to_text().as_bytes())?;
        std::fs::set_permissions(staged, Permissions::from_mode(0o755)).map_err(io("set the mode of", staged))?;
        sync(staged)?;
        let place = self.folder.join(manifest.build.as_str());
        std::fs::rename(staged, &place).map_err(io("put in place", &place))?;
        sync(&self.folder)?;
        let new = self.folder.join(format!("{HIDDEN}{CURRENT}"));
        let current = self.folder.join(CURRENT);
        write_synced(&new, manifest.to_text().as_bytes())?;
        std::fs::rename(&new, &current).map_err(io("put in place", &current))?;
        sync(&self.folder)
    }

    /// Removes all builds but the newest `keep`, and but those made within the last day. Returns what was removed.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn prune(&self, keep: usize) -> Result<Vec<String>, BuildError> {
        let mut builds: Vec<String> = self
            .names()?
            .into_iter()
            .filter(|name| !name.starts_with('.') && self.folder.join(name).join("manifest.toml").is_file())
            .collect();
        // Their names are times.
        builds.sort_unstable_by(|a, b| b.cmp(a));
        let old: Vec<String> = builds.into_iter().skip(keep.max(1)).filter(|name| !self.is_young(name)).collect();
        for name in &old {
            // Out of sight first, so that nobody meets half of it.
            let hidden = self.folder.join(format!("{HIDDEN}{name}"));
            let place = self.folder.join(name);
            std::fs::rename(&place, &hidden).map_err(io("remove", &place))?;
            remove_tree(&hidden)?;
        }
        Ok(old)
    }

    /// Whether a machine may still be fetching it: it was made within the last day. (The one before the newest, of whatever
    /// age, is kept by the number.)
    fn is_young(&self, name: &str) -> bool {
        const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
        let modified = std::fs::metadata(self.folder.join(name)).and_then(|m| m.modified());
        modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < DAY))
    }

    fn names(&self) -> Result<Vec<String>, BuildError> {
        let list = || -> io::Result<Vec<String>> {
            std::fs::read_dir(&self.folder)?.map(|e| Ok(e?.file_name().to_string_lossy().into_owned())).collect()
        };
        list().map_err(io("list", &self.folder))
    }
}

/// The manifest of the newest build, if there is one that can be read.
pub fn current(folder: &Path) -> Option<Manifest> {
    Manifest::parse(&std::fs::read_to_string(folder.join(CURRENT)).ok()?).ok()
}

/// Whether every file of the build is there in its size.
pub fn is_whole(folder: &Path, manifest: &Manifest) -> bool {
    let place = folder.join(manifest.build.as_str());
    [&manifest.node.kernel, &manifest.node.initrd]
        .into_iter()
        .chain(manifest.images.values())
        .all(|file| std::fs::metadata(place.join(&file.file)).is_ok_and(|m| m.is_file() && m.len() == file.size))
}

/// Describes a finished file of a build: everybody may read it, it is on the disk, and its digest is taken.
///
/// # Errors
/// When it cannot be read.
pub fn describe(path: &Path, unpacked: Option<u64>) -> Result<File, BuildError> {
    std::fs::set_permissions(path, Permissions::from_mode(0o644)).map_err(io("set the mode of", path))?;
    sync(path)?;
    let file = std::fs::File::open(path).map_err(io("read", path))?;
    let (sha256, size) = Sha256Digest::of_reader(file).map_err(io("read", path))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(File { file: name, sha256, size, unpacked })
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    let write = || -> io::Result<()> {
        let mut file = std::fs::File::create(path)?;
        file.write_all(bytes)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.sync_all()
    };
    write().map_err(io("write", path))
}

fn sync(path: &Path) -> Result<(), BuildError> {
    std::fs::File::open(path).and_then(|f| f.sync_all()).map_err(io("sync", path))
}

fn remove_tree(path: &Path) -> Result<(), BuildError> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    removed.map_err(io("remove", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::NodeFiles;
    use crate::types::Line;

    fn publish(builder: &Builder, build: &str) -> Manifest {
        let workshop = builder.workshop().unwrap();
        let staged = workshop.path().join("build");
        std::fs::create_dir(&staged).unwrap();
        let file = |name: &str| {
            std::fs::write(staged.join(name), name).unwrap();
            describe(&staged.join(name), None).unwrap()
        };
        let manifest = Manifest {
            version: 1,
            distro: "x86_64-linux-debian-12".parse().unwrap(),
            build: Line::lossy(build),
            kernel: Line::lossy("k 1"),
            recipe: Sha256Digest::of(b""),
            node: NodeFiles { kernel: file("vmlinuz"), initrd: file("initrd.img") },
            images: [].into(),
        };
        builder.publish(&staged, &manifest).unwrap();
        manifest
    }

    #[test]
    fn builds_come_whole_and_old_ones_go() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("distro");
        let builder = Builder::lock(&folder).unwrap();
        assert!(matches!(Builder::lock(&folder), Err(BuildError::Busy(_))));
        assert!(current(&folder).is_none());
        for build in ["20260101T000000Z", "20260102T000000Z", "20260103T000000Z"] {
            let manifest = publish(&builder, build);
            assert_eq!(current(&folder).unwrap(), manifest);
            assert!(is_whole(&folder, &manifest));
        }
        assert!(builder.prune(1).unwrap().is_empty(), "what was made today may be in use");
        for build in ["20260101T000000Z", "20260102T000000Z"] {
            let long_ago = std::time::SystemTime::UNIX_EPOCH;
            std::fs::File::open(folder.join(build)).unwrap().set_modified(long_ago).unwrap();
        }
        assert_eq!(builder.prune(2).unwrap(), ["20260101T000000Z"]);
        let mut left = builder.names().unwrap();
        left.sort_unstable();
        assert_eq!(left, [".lock", "20260102T000000Z", "20260103T000000Z", "current.toml"]);
        std::fs::write(folder.join("20260103T000000Z/vmlinuz"), "cut").unwrap();
        assert!(!is_whole(&folder, &current(&folder).unwrap()));
    }

    #[test]
    fn what_a_killed_build_left_is_removed() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join(".build-dead/root")).unwrap();
        drop(Builder::lock(root.path()).unwrap());
        assert!(!root.path().join(".build-dead").exists());
    }
}
