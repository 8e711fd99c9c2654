// SPDX-License-Identifier: GPL-3.0-or-later
//! The metadata of a repository, as createrepo_c writes it: `repodata/repomd.xml` with the names and digests of the
//! other files, and the list of packages among these. It reads only what createrepo_c wrote on this node.

use super::{PackageError, refused};
use crate::media::brought::{Brought, BroughtError};
use crate::media::manifest::is_plain_name;
use crate::types::Sha256Digest;
use std::collections::BTreeMap;
use std::path::Path;

/// The folder of the metadata.
pub(super) const FOLDER: &str = "repodata";
/// The file that names the others.
pub(super) const FILE: &str = "repomd.xml";

/// It has a few kilobytes.
const MAX_INDEX_BYTES: u64 = 1 << 20;

/// A file of the metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MetaFile {
    /// `primary`, `filelists`, ...
    pub(super) kind: String,
    /// Its name in the folder.
    pub(super) name: String,
    /// Its digest.
    pub(super) sha256: Sha256Digest,
}

/// The files of the metadata of the repository in `repo`; `None` if it has none.
pub(super) fn read(repo: &Path) -> Result<Option<Vec<MetaFile>>, PackageError> {
    let path = repo.join(FOLDER).join(FILE);
    let text = match Brought::text(&path, MAX_INDEX_BYTES) {
        Ok(text) => text,
        Err(BroughtError::Missing(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let files = parse(&text).ok_or_else(|| refused(path.display(), "not as createrepo_c writes it"))?;
    Ok(Some(files))
}

fn parse(text: &str) -> Option<Vec<MetaFile>> {
    let files: Option<Vec<MetaFile>> = blocks(text, "<data type=\"", "</data>")
        .map(|block| {
            let name = between(block, "<location href=\"repodata/", "\"").filter(|name| is_plain_name(name))?;
            let sha256 = between(block, "<checksum type=\"sha256\">", "</checksum>")?.parse().ok()?;
            Some(MetaFile { kind: block.split('"').next()?.to_owned(), name: name.to_owned(), sha256 })
        })
        .collect();
    files.filter(|files| !files.is_empty() && text.trim_end().ends_with("</repomd>"))
}

/// The digests of the packages by their file names, from the text of `primary`.
pub(super) fn packages(primary: &str) -> Option<BTreeMap<String, Sha256Digest>> {
    let packages = blocks(primary, "<package type=\"rpm\">", "</package>").map(|block| {
        let name = between(block, "<location href=\"", "\"")?.to_owned();
        let sha256 = between(block, "<checksum type=\"sha256\" pkgid=\"YES\">", "</checksum>")?.parse().ok()?;
        Some((name, sha256))
    });
    packages.collect()
}

fn blocks<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).map(move |rest| rest.split(end).next().unwrap_or_default())
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    text.split_once(begin)?.1.split_once(end).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_packages() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let text = format!(
            "<repomd>\n  <data type=\"primary\">\n    <checksum type=\"sha256\">{digest}</checksum>\n    <location href=\"repodata/a-primary.xml.gz\"/>\n  </data>\n</repomd>\n"
        );
        let files = parse(&text).unwrap();
        let found: Vec<_> = files.iter().map(|f| (f.kind.as_str(), f.name.as_str(), f.sha256.to_string())).collect();
        assert_eq!(found, [("primary", "a-primary.xml.gz", digest.to_owned())]);
        for (from, to) in [("a-primary", "../a-primary"), ("sha256", "md5"), ("</repomd>", ""), ("<data", "<x")] {
            assert_eq!(parse(&text.replace(from, to)), None, "{to}");
        }
        let primary = format!(
            "<metadata packages=\"1\"><package type=\"rpm\"><name>a</name><checksum type=\"sha256\" pkgid=\"YES\">{digest}</checksum><location href=\"a-1-1.noarch.rpm\"/></package></metadata>"
        );
        assert_eq!(packages(&primary).unwrap().keys().collect::<Vec<_>>(), ["a-1-1.noarch.rpm"]);
        assert_eq!(packages("<metadata packages=\"0\"/>").unwrap().len(), 0);
        assert!(packages(&primary.replace(digest, "x")).is_none());
    }
}
