// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether packages and groups are in the repositories of a published tree. Their lists are read as they come, until
//! everything is found. The XML is that of createrepo_c and of the comps format (yum's groups), from any writer.
//!
//! This only finds names. Only dnf can tell whether the dependencies of a package exist too.

mod groups;
mod primary;
mod sought;
mod xml;

pub use sought::Sought;

use super::REPO;
use crate::exec::{ExecError, Limit, NEVER, gzip, xz, zstd};
use crate::files::IoError;
use crate::media::manifest::is_plain_name;
use crate::types::Distro;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use xml::{Seen, Then, XmlError};

/// Why a list cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// Its content is not what its name promises.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// It could not be unpacked.
    #[error("{}", path.display())]
    Unpack {
        /// The file.
        path: PathBuf,
        /// The error of the program.
        source: ExecError,
    },
}

/// The largest list of a release, `primary` of a whole Rocky Linux 9, has 100 MiB. A few kilobytes can unpack to any size.
const LIST: Limit = Limit::READ.bytes(2 << 30);
/// An index names some ten lists.
const MAX_LISTS: usize = 1000;

/// An index has a few kilobytes.
const MAX_INDEX_BYTES: u64 = 16 << 20;
/// Which file of the metadata.
const INDEX: &str = "repodata/repomd.xml";

/// The repositories of a tree: each folder of it that has metadata, by its name, in the order of their names.
///
/// # Errors
/// When the folder cannot be listed.
pub fn tree_repositories(tree: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries: Vec<_> = std::fs::read_dir(tree)?.collect::<Result<_, _>>()?;
    let named = entries.into_iter().map(|e| (e.file_name().to_string_lossy().into_owned(), e.path()));
    let mut found: Vec<_> = named.filter(|(_, path)| path.join(INDEX).is_file()).collect();
    found.sort();
    Ok(found)
}

/// The place of the repository of local packages of a distro.
pub fn site_repository(packages: &Path, distro: &Distro) -> PathBuf {
    packages.join(distro.as_str()).join(REPO)
}

/// Those of `sought` that no repository has. Reads no further than it must, and keeps nothing.
///
/// # Errors
/// [`ListError`], if a list that may have one of them cannot be read.
pub fn missing(repositories: &[PathBuf], sought: &BTreeSet<Sought>) -> Result<BTreeSet<Sought>, ListError> {
    let mut missing = sought.clone();
    for repository in repositories {
        if missing.is_empty() {
            break;
        }
        let lists = index(repository)?;
        let list = |kinds: &[&str]| kinds.iter().find_map(|kind| lists.iter().find(|list| list.kind == **kind));
        if missing.iter().any(|sought| !sought.is_package())
            && let Some(list) = list(&["group", "group_gz", "group_xz", "group_zst", "group_zck"])
        {
            read(repository, list, |source| groups::strike(source, &mut missing))?;
        }
        if missing.iter().any(Sought::is_package)
            && let Some(list) = list(&["primary"])
        {
            read(repository, list, |source| primary::strike(source, &mut missing))?;
        }
    }
    Ok(missing)
}

/// A file that `repomd.xml` names.
struct List {
    kind: String,
    name: String,
}

fn index(repository: &Path) -> Result<Vec<List>, ListError> {
    let path = repository.join(INDEX);
    let file = File::open(&path).map_err(IoError::during("read", &path))?;
    let (mut lists, mut kind) = (Vec::new(), String::new());
    let walked = xml::walk(BufReader::new(file.take(MAX_INDEX_BYTES)), "repomd", |seen| {
        if let Seen::Element(_, element) = seen {
            match element.name() {
                "data" => kind = element.attribute("type")?,
                "location" => {
                    let href = element.attribute("href")?;
                    let name = href.strip_prefix("repodata/").filter(|name| is_plain_name(name));
                    let name = name.ok_or_else(|| XmlError::NotBeside(href.clone()))?;
                    if lists.len() >= MAX_LISTS {
                        return Err(XmlError::ManyFiles(MAX_LISTS));
                    }
                    lists.push(List { kind: kind.clone(), name: name.to_owned() });
                }
                _ => {}
            }
        }
        Ok(Then::Next)
    });
    walked.map_err(|error| ListError::Content { path, problem: error.to_string() })?;
    Ok(lists)
}

/// Unpacks a list by the ending of its name, and reads it.
fn read<T>(
    repository: &Path,
    list: &List,
    read: impl FnOnce(&mut dyn BufRead) -> Result<T, XmlError>,
) -> Result<T, ListError> {
    /// What a pipe of Linux holds.
    const AT_ONCE: usize = 1 << 16;
    let path = repository.join("repodata").join(&list.name);
    // The error of a program that unpacks would be less clear for a missing file.
    let file = File::open(&path).map_err(IoError::during("read", &path))?;
    let unpack = |source| ListError::Unpack { path: path.clone(), source };
    let mut stream = match list.name.rsplit('.').next().unwrap_or_default() {
        "gz" => Some(gzip::stream(&path, LIST, &NEVER).map_err(unpack)?),
        "zst" => Some(zstd::stream(&path, LIST, &NEVER).map_err(unpack)?),
        "xz" => Some(xz::stream(&path, LIST, &NEVER).map_err(unpack)?),
        "xml" => None,
        other => {
            let problem = format!("packed as {other}, which is not read here");
            return Err(ListError::Content { path, problem });
        }
    };
    let source: Box<dyn Read + '_> = match &mut stream {
        Some(stream) => Box::new(stream),
        None => Box::new(file),
    };
    let found = read(&mut BufReader::with_capacity(AT_ONCE, source));
    match found {
        Ok(value) => Ok(value),
        // A list that ends early may be one that could not be unpacked.
        Err(error) => Err(match stream.map(|stream| stream.end()) {
            Some(Err(source)) => ListError::Unpack { path, source },
            _ => ListError::Content { path, problem: error.to_string() },
        }),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
