// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps.conf`, the cluster files, and the link that names the active one.

use super::StoreError;
use crate::config::{Cluster, DEFAULT_CONF, Dir, HpsConf};
use crate::files::{self, Access, Base, IoError, Trust, read_trusted, write_atomic};
use crate::types::ClusterName;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// More than any of these files.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The folder that all of HPS is below.
pub fn base(conf: &HpsConf) -> Base {
    Base::from_folders(conf.dirs().map(|(_, path)| path))
}

/// Reads an `hps.conf`.
///
/// # Errors
/// When it cannot be read or accepted, with file and line, or another user may have written it.
pub fn load_conf(path: &Path) -> Result<HpsConf, StoreError> {
    let text = conf_text(path)?;
    HpsConf::parse(&text).map_err(|e| StoreError::content(path, e))
}

/// The text of an `hps.conf`.
///
/// # Errors
/// As [`load_conf`], except for its lines.
pub fn conf_text(path: &Path) -> Result<String, StoreError> {
    read_text(path, &Base::for_conf(path, Path::new(DEFAULT_CONF)))
}

/// The text of a cluster's file.
///
/// # Errors
/// When it cannot be read, or another user may have written it.
pub fn cluster_text(conf: &HpsConf, name: &ClusterName) -> Result<String, StoreError> {
    read_text(&cluster_file(conf, name), &base(conf))
}

fn read_text(path: &Path, base: &Base) -> Result<String, StoreError> {
    let bytes = read_trusted(path, base, Trust::Root, MAX_FILE_BYTES)?;
    String::from_utf8(bytes).map_err(|_| StoreError::content(path, "not UTF-8 text"))
}

/// Reads a cluster's file by the cluster's name.
///
/// # Errors
/// When it cannot be read or accepted, with file and line.
pub fn load_cluster(conf: &HpsConf, name: &ClusterName) -> Result<Cluster, StoreError> {
    read_cluster(&cluster_file(conf, name), &base(conf))
}

/// Reads the active cluster.
///
/// # Errors
/// [`StoreError::NoActiveCluster`], or that its file cannot be accepted.
pub fn active_cluster(conf: &HpsConf) -> Result<Cluster, StoreError> {
    let link = active_link(conf);
    match std::fs::read_link(&link) {
        Ok(target) => {
            let file = conf.dir(Dir::Clusters).join(target);
            read_cluster(&file, &base(conf)).map_err(|error| match error {
                StoreError::Io(error) if error.is_not_found() => StoreError::ActiveClusterGone { path: link, file },
                other => other,
            })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(StoreError::NoActiveCluster { path: link }),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
            Err(StoreError::content(&link, "expected a link to the active cluster's file; cluster-configure makes it"))
        }
        Err(error) => Err(IoError::new("read the link", &link, error).into()),
    }
}

/// The name of the active cluster as the link has it, whether its file can be accepted or not; `None` where none is active.
///
/// # Errors
/// When the link cannot be read.
pub fn active_name(conf: &HpsConf) -> Result<Option<ClusterName>, StoreError> {
    let link = active_link(conf);
    match std::fs::read_link(&link) {
        Ok(target) => Ok(target.file_stem().and_then(std::ffi::OsStr::to_str).and_then(|name| name.parse().ok())),
        // What is no link names none; the caller that reads the cluster reports that.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => Ok(None),
        Err(error) => Err(IoError::new("read the link", &link, error).into()),
    }
}

fn read_cluster(path: &Path, base: &Base) -> Result<Cluster, StoreError> {
    let text = read_text(path, base)?;
    let cluster = Cluster::parse(&text).map_err(|e| StoreError::of_cluster(path, e))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if cluster.name.as_str() != stem {
        return Err(StoreError::content(
            path,
            format!("name is {}: expected {stem}, as the file is called", cluster.name),
        ));
    }
    Ok(cluster)
}

/// Reads the cluster file of before a renumbering that is not finished; `None` if there is none.
///
/// # Errors
/// When it cannot be read or accepted, with file and line.
pub fn former_cluster(conf: &HpsConf, name: &ClusterName) -> Result<Option<Cluster>, StoreError> {
    let path = former_cluster_file(conf, name);
    let text = match read_text(&path, &base(conf)) {
        Err(StoreError::Io(error)) if error.is_not_found() => return Ok(None),
        read => read?,
    };
    Cluster::parse(&text).map(Some).map_err(|error| StoreError::of_cluster(&path, error))
}

/// Writes a cluster's file.
///
/// # Errors
/// When it cannot be written.
pub fn save_cluster(conf: &HpsConf, cluster: &Cluster) -> Result<(), StoreError> {
    Ok(write_atomic(&cluster_file(conf, &cluster.name), cluster.to_text().as_bytes(), Access::GroupRead)?)
}

/// Makes a cluster the active one: the link is replaced in one step.
///
/// # Errors
/// When the link cannot be made.
pub fn activate(conf: &HpsConf, name: &ClusterName) -> Result<(), StoreError> {
    let link = active_link(conf);
    let target = PathBuf::from(format!("{name}.cluster"));
    if std::fs::read_link(&link).is_ok_and(|now| now == target) {
        return Ok(());
    }
    let temporary = link.with_file_name(format!(".active.{}.tmp", std::process::id()));
    // Left over by a process of the same number that died.
    if temporary.is_symlink() {
        std::fs::remove_file(&temporary).map_err(IoError::during("remove", &temporary))?;
    }
    std::os::unix::fs::symlink(&target, &temporary).map_err(IoError::during("create the link", &temporary))?;
    std::fs::rename(&temporary, &link).map_err(IoError::during("put in place the link", &link))?;
    Ok(files::sync_folder(&link)?)
}

/// `clusters/<name>.cluster`.
pub(super) fn cluster_file(conf: &HpsConf, name: &ClusterName) -> PathBuf {
    conf.dir(Dir::Clusters).join(format!("{name}.cluster"))
}

/// `clusters/<name>/former.cluster`.
pub(super) fn former_cluster_file(conf: &HpsConf, name: &ClusterName) -> PathBuf {
    conf.dir(Dir::Clusters).join(name.as_str()).join("former.cluster")
}

fn active_link(conf: &HpsConf) -> PathBuf {
    conf.dir(Dir::Clusters).join("active")
}
