// SPDX-License-Identifier: GPL-3.0-or-later
//! A package in the repository, as a paragraph of `Packages` has it.

use crate::exec::apt_index::Candidate;
use crate::exec::dpkg_deb::field;
use crate::types::{Sha256Digest, all_bytes, text_enum};
use serde::Serialize;

text_enum! {
    /// Who answers for a package.
    Origin, "origin",

    /// Debian's archive: apt proved it.
    Debian = "debian",
    /// An administrator of this site.
    Site = "site",
}

/// A package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deb {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `amd64`, or `all`.
    pub architecture: String,
    /// Who answers for it.
    pub origin: Origin,
    /// The bytes of its file.
    pub size: u64,
    /// Their digest.
    pub sha256: Sha256Digest,
}

/// The folder of all packages, below that of the repository.
pub(super) const POOL: &str = "pool";

impl Deb {
    /// What apt would take from Debian's archives.
    pub fn from_candidate(candidate: &Candidate) -> Self {
        let architecture = candidate.architecture().to_owned();
        let Candidate { package, version, size, sha256, .. } = candidate.clone();
        Self { name: package, version, architecture, origin: Origin::Debian, size, sha256 }
    }

    /// The name of its file. As in Debian's archive it has no epoch (deb-version(7)).
    pub fn file_name(&self) -> String {
        let version = self.version.split_once(':').map_or(self.version.as_str(), |(_, rest)| rest);
        format!("{}_{version}_{}.deb", self.name, self.architecture)
    }

    /// Its path, below the folder of the repository.
    pub(super) fn path(&self) -> String {
        format!("{POOL}/{}/{}", self.origin, self.file_name())
    }

    /// Whether both would have the same name of a file.
    pub fn is_same_name(&self, other: &Self) -> bool {
        self.file_name() == other.file_name()
    }

    /// What becomes the name of a file must be of harmless characters: those of Debian's policy, 5.6.1 and 5.6.12.
    pub(super) fn is_plain(&self) -> bool {
        let name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+.-".contains(&b);
        let version = |b: u8| b.is_ascii_alphanumeric() || b".+~:-".contains(&b);
        let begins_well = |text: &str| text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        all_bytes(&self.name, 128, name)
            && all_bytes(&self.version, 128, version)
            && all_bytes(&self.architecture, 32, |b| b.is_ascii_alphanumeric() || b == b'-')
            && begins_well(&self.name)
            && begins_well(&self.version)
    }
}

impl std::fmt::Display for Deb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// The packages of a `Packages` file, sorted. `Err` has the first paragraph's field that is missing or wrong.
pub(super) fn parse(text: &str) -> Result<Vec<Deb>, String> {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let mut debs = paragraphs.map(paragraph).collect::<Result<Vec<Deb>, String>>()?;
    sort(&mut debs);
    Ok(debs)
}

/// In the order in which they are shown.
pub(super) fn sort(debs: &mut [Deb]) {
    debs.sort_by(|a, b| (&a.name, &a.version, &a.architecture).cmp(&(&b.name, &b.version, &b.architecture)));
}

fn paragraph(text: &str) -> Result<Deb, String> {
    let get = |name: &str| field(text, name).ok_or_else(|| format!("a paragraph lacks the field {name}"));
    let wrong = |name: &str| format!("a paragraph has a wrong field {name}");
    let path = get("Filename")?;
    let origin = path.strip_prefix(POOL).and_then(|rest| rest.trim_start_matches('/').split('/').next());
    let deb = Deb {
        name: get("Package")?.to_owned(),
        version: get("Version")?.to_owned(),
        architecture: get("Architecture")?.to_owned(),
        origin: origin.and_then(|origin| origin.parse().ok()).ok_or_else(|| wrong("Filename"))?,
        size: get("Size")?.parse().map_err(|_| wrong("Size"))?,
        sha256: get("SHA256")?.parse().map_err(|_| wrong("SHA256"))?,
    };
    if deb.is_plain() && deb.path() == path { Ok(deb) } else { Err(wrong("Filename")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_of_packages() {
        let digest = Sha256Digest::hash(b"x");
        let paragraph = |name: &str, version: &str, path: &str| {
            format!(
                "Package: {name}\nVersion: {version}\nArchitecture: all\nFilename: {path}\nSize: 7\nSHA256: {digest}\nDescription: x\n y\n"
            )
        };
        let text = paragraph("b", "1:2+x~1-3", "pool/site/b_2+x~1-3_all.deb")
            + "\n"
            + &paragraph("a", "1", "pool/debian/a_1_all.deb")
            + "\n";
        let debs = parse(&text).unwrap();
        assert_eq!(debs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a 1", "b 1:2+x~1-3"]);
        assert_eq!((debs[1].origin, debs[1].size, debs[1].sha256), (Origin::Site, 7, digest));
        assert!(parse("").unwrap().is_empty());
        for (name, version, path) in [
            ("a", "1", "pool/debian/../a_1_all.deb"),
            ("a", "1", "pool/other/a_1_all.deb"),
            ("a", "1", "a_1_all.deb"),
            ("A", "1", "pool/debian/A_1_all.deb"),
            ("a", "1/2", "pool/debian/a_1/2_all.deb"),
            ("../a", "1", "pool/debian/../a_1_all.deb"),
        ] {
            assert!(parse(&paragraph(name, version, path)).is_err(), "{name} {version} {path}");
        }
        assert!(parse("Package: a\n").unwrap_err().contains("Filename"));
    }
}
