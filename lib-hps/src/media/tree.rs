// SPDX-License-Identifier: GPL-3.0-or-later
//! Publishing an installation tree: extracted beside its place, looked through, and made visible by one rename.

use super::tree_info::distro_of;
use crate::exec::{ExecError, xorriso};
use crate::types::{Distro, Sha256Digest};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// How the name of a folder begins in which a tree is made.
pub(super) const HIDDEN: &str = ".tree-";

/// An ISO whose digest is the one that the operator gave. Only [`prove`] makes it, and only it can be published.
#[derive(Debug)]
pub struct ProvenIso {
    path: PathBuf,
    /// Its digest.
    pub digest: Sha256Digest,
}

/// Why a tree is not published.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The system refused an operation.
    #[error("{}: cannot {operation}", path.display())]
    Io {
        /// "read", ...
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The ISO is not the one that was meant.
    #[error("{}: its SHA-256 is {found}, not {expected}; it is not published", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: Sha256Digest,
        /// What it should be.
        expected: Sha256Digest,
    },
    /// It is no installation tree.
    #[error("{}: {problem}; it is not published", path.display())]
    Content {
        /// The ISO, or what of it is wrong.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// It could not be extracted.
    #[error(transparent)]
    Exec(#[from] ExecError),
}

/// What publishing came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Published {
    /// The tree is new.
    New(Distro),
    /// A tree of this name was published before, and stays as it is.
    Before(Distro),
}

/// Reads the whole ISO and compares its digest.
///
/// # Errors
/// When it cannot be read or is another one.
pub fn prove(path: &Path, expected: Sha256Digest) -> Result<ProvenIso, TreeError> {
    let file = std::fs::File::open(path).map_err(io("read", path))?;
    let (found, _) = Sha256Digest::of_reader(file).map_err(io("read", path))?;
    if found != expected {
        return Err(TreeError::Digest { path: path.to_path_buf(), found, expected });
    }
    Ok(ProvenIso { path: path.to_path_buf(), digest: found })
}

/// Publishes the tree of an ISO under `distros`, by the name that its `.treeinfo` gives.
///
/// # Errors
/// When it is no tree, cannot be extracted, or holds what no tree has. Nothing is visible then.
pub fn publish(iso: &ProvenIso, distros: &Path) -> Result<Published, TreeError> {
    // A hidden folder on the same file system: served to nobody, renamed at the end, removed when anything fails.
    let folder =
        tempfile::Builder::new().prefix(HIDDEN).tempdir_in(distros).map_err(io("create a folder in", distros))?;
    let info = folder.path().join("treeinfo");
    xorriso::extract(&iso.path, "/.treeinfo", &info)?;
    let text = std::fs::read_to_string(&info).map_err(io("read", &info))?;
    let distro = distro_of(&text).map_err(|problem| TreeError::Content { path: iso.path.clone(), problem })?;
    let place = distros.join(distro.as_str());
    if place.exists() {
        return Ok(Published::Before(distro));
    }
    let tree = folder.path().join("tree");
    xorriso::extract(&iso.path, "/", &tree)?;
    look_through(&tree)?;
    for name in ["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        if !tree.join(name).is_file() {
            return Err(TreeError::Content { path: iso.path.clone(), problem: format!("it has no {name}") });
        }
    }
    std::fs::rename(&tree, &place).map_err(io("put in place", &place))?;
    std::fs::File::open(distros).and_then(|f| f.sync_all()).map_err(io("sync", distros))?;
    Ok(Published::New(distro))
}

/// Everything is a file or a folder, which everybody may read, nobody change, and which is on the disk.
fn look_through(path: &Path) -> Result<(), TreeError> {
    let kind = std::fs::symlink_metadata(path).map_err(io("read", path))?.file_type();
    let set_mode =
        |mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).map_err(io("set the mode of", path));
    if kind.is_dir() {
        set_mode(0o755)?;
        for entry in std::fs::read_dir(path).map_err(io("list", path))? {
            look_through(&entry.map_err(io("list", path))?.path())?;
        }
    } else if kind.is_file() {
        set_mode(0o644)?;
    } else {
        return Err(TreeError::Content {
            path: path.to_path_buf(),
            problem: "a link or a device, which no tree has".to_owned(),
        });
    }
    std::fs::File::open(path).and_then(|f| f.sync_all()).map_err(io("sync", path))
}

fn io(operation: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> TreeError {
    let path = path.to_path_buf();
    move |source| TreeError::Io { operation, path, source }
}
