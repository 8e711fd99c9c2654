// SPDX-License-Identifier: GPL-3.0-or-later
//! The folder of a site of the shell release: its cluster file and the files of its hosts, read once.

use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::config::{Fate, Note, ShellCluster, ShellHost, clusters_folder, read_cluster, read_host, settle_doubles};
use hps::types::MacAddr;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A file of a host or of a cluster is smaller.
const MAX_BYTES: u64 = 1 << 20;

/// What was read.
pub(super) struct ShellSite {
    pub(super) cluster: ShellCluster,
    pub(super) hosts: Vec<ShellHost>,
    pub(super) notes: Vec<Note>,
}

/// Reads a site. `place` is the folder of one cluster, of all clusters, or of the whole configuration.
///
/// # Errors
/// When there is no cluster, or several and none is the active one, or a file cannot be read.
pub(super) fn read(place: &Path) -> anyhow::Result<ShellSite> {
    let folder = cluster_folder(place)?;
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (cluster, mut notes) = read_cluster("cluster.conf", &name, &text(&folder.join("cluster.conf"))?);
    let mut hosts = Vec::new();
    for file in host_files(&folder.join("hosts"))? {
        let shown = format!("hosts/{}", file.file_name().unwrap_or_default().to_string_lossy());
        if file.is_dir() {
            let text = "a folder, and no file of a host".to_owned();
            notes.push(Note { file: shown, line: 0, fate: Fate::Refused, text });
            continue;
        }
        let (host, more) = read_host(&shown, &text(&file)?);
        hosts.extend(host);
        notes.extend(more);
    }
    // First, or a file that is left out would keep its name and address from the one that is taken.
    notes.extend(same_macs(&mut hosts));
    notes.extend(settle_doubles(&mut hosts));
    Ok(ShellSite { cluster, hosts, notes })
}

/// Two spellings of one MAC are one machine: the file that was changed last counts; among equals the first one.
fn same_macs(hosts: &mut Vec<ShellHost>) -> Vec<Note> {
    let mut newest: BTreeMap<MacAddr, (String, String)> = BTreeMap::new();
    for host in hosts.iter() {
        let this = (host.updated.clone(), host.file.clone());
        let taken = newest.entry(host.mac).or_insert_with(|| this.clone());
        if this.0 > taken.0 {
            *taken = this;
        }
    }
    let mut notes = Vec::new();
    hosts.retain(|host| match newest.get(&host.mac).filter(|(_, file)| *file != host.file) {
        None => true,
        Some((_, other)) => {
            let mac = host.mac.colons();
            let text = format!("{mac} is also {other}, which is taken: it was changed later, or is the first of both");
            notes.push(Note { file: host.file.clone(), line: 0, fate: Fate::Refused, text });
            false
        }
    });
    notes
}

fn text(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let mut file = program::open_input(path)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(&mut file, MAX_BYTES + 1), &mut bytes)
        .with_context(|| format!("{}: cannot read", path.display()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Ended::error(Exit::Refused, format!("{}: over 1 MiB, no file of a site", path.display())));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).to_vec();
    // Old editors wrote Latin-1, whose bytes are the first 256 characters of Unicode.
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect()))
}

fn cluster_folder(place: &Path) -> anyhow::Result<PathBuf> {
    let has_cluster = |folder: &Path| folder.join("cluster.conf").is_file();
    let metadata = fs::metadata(place).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Ended::error(Exit::NotFound, format!("{}: no such file or folder", place.display())),
        _ => anyhow::Error::new(error).context(format!("{}: cannot be read", place.display())),
    })?;
    if !metadata.is_dir() {
        let why = format!(
            "{}: expected the file of an export, or the folder of a site of the shell release",
            place.display()
        );
        return Err(Ended::error(Exit::Refused, why));
    }
    if has_cluster(place) {
        return Ok(place.to_path_buf());
    }
    let clusters = [place.join("clusters"), place.to_path_buf()]
        .into_iter()
        .find(|folder| folders(folder).is_ok_and(|folders| folders.iter().any(|folder| has_cluster(folder))));
    let Some(clusters) = clusters.map_or_else(|| clusters_of_hps_conf(place), |clusters| Ok(Some(clusters)))? else {
        let why = format!(
            "{}: no cluster.conf here, nor in clusters/NAME/, nor where an hps.conf here says",
            place.display()
        );
        return Err(Ended::error(Exit::NotFound, why));
    };
    let active = clusters.join("active-cluster");
    // In a copy of a site the link leads to where the site was. Its last word is the name.
    let named = fs::read_link(&active).ok().and_then(|target| Some(clusters.join(target.file_name()?)));
    if let Some(named) = named.filter(|named| has_cluster(named)) {
        return Ok(named);
    }
    if has_cluster(&active) {
        return fs::canonicalize(&active).with_context(|| format!("{}: cannot be read", active.display()));
    }
    let mut found: Vec<PathBuf> = folders(&clusters)?.into_iter().filter(|folder| has_cluster(folder)).collect();
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        several => {
            let names: Vec<String> = several.iter().map(|folder| folder.display().to_string()).collect();
            let why = format!(
                "{}: several clusters and no active-cluster; name one of: {}",
                clusters.display(),
                names.join(", ")
            );
            Err(Ended::error(Exit::Refused, why))
        }
    }
}

/// The folder of clusters that `hps.conf` names, if it is there. In a copy of a site it is not where the site had it: then its path
/// counts below the copy.
fn clusters_of_hps_conf(place: &Path) -> anyhow::Result<Option<PathBuf>> {
    let file = place.join("hps.conf");
    if !file.is_file() {
        return Ok(None);
    }
    let Some(folder) = clusters_folder(&text(&file)?) else { return Ok(None) };
    let below = |above: &Path| above.join(folder.strip_prefix("/").unwrap_or(&folder));
    // hps.conf is usually in /srv/hps-config of the copy.
    let places = place.ancestors().map(below).chain([folder.clone()]);
    let has_clusters =
        |path: &PathBuf| folders(path).is_ok_and(|all| all.iter().any(|one| one.join("cluster.conf").is_file()));
    Ok(places.into_iter().find(has_clusters))
}

fn folders(place: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(place).with_context(|| format!("{}: cannot be listed", place.display()))? {
        let path = entry.with_context(|| format!("{}: cannot be listed", place.display()))?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "active-cluster") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The files of hosts, in the order of their names. A site may have none yet.
fn host_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{}: cannot be listed", folder.display())),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("{}: cannot be listed", folder.display()))?.path();
        if path.extension().is_some_and(|end| end == "conf") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
