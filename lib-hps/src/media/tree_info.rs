// SPDX-License-Identifier: GPL-3.0-or-later
//! The description of an installation tree: its `.treeinfo` (productmd's format, an INI file). The sections `general`
//! and `checksums` are read.

use crate::types::{Distro, Invalid, Sha256Digest};

/// Why a `.treeinfo` does not describe a tree that can be installed here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TreeInfoError {
    #[error(".treeinfo has {0} twice in its section general")]
    Twice(&'static str),
    #[error(".treeinfo has no {0} in its section general")]
    Missing(&'static str),
    #[error(".treeinfo says family {0:?}: expected Rocky Linux or AlmaLinux")]
    Family(String),
    #[error(".treeinfo says version {0:?}: expected a release, such as 10.1")]
    Version(String),
    #[error(".treeinfo: {0}")]
    Distro(Invalid),
    #[error(".treeinfo has a checksum of {0:?}, which is not a path in the tree")]
    Path(String),
    #[error(".treeinfo has a checksum of {0:?} that is not SHA-256")]
    Digest(String),
}

/// The relevant parts of a `.treeinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TreeInfo {
    /// The system of the tree.
    pub(super) distro: Distro,
    /// Files with their digests.
    pub(super) checksums: Vec<(String, Sha256Digest)>,
}

impl TreeInfo {
    /// Reads it.
    ///
    /// # Errors
    /// See [`TreeInfoError`].
    pub(super) fn parse(text: &str) -> Result<Self, TreeInfoError> {
        let checksums = section(text, "checksums").map(checksum).collect::<Result<_, _>>()?;
        Ok(Self { distro: distro_of(text)?, checksums })
    }
}

/// The distro string of a tree.
fn distro_of(text: &str) -> Result<Distro, TreeInfoError> {
    let value = |key: &'static str| {
        let mut values = section(text, "general").filter(|(name, _)| *name == key).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            (Some(_), Some(_)) => Err(TreeInfoError::Twice(key)),
            (None, _) => Err(TreeInfoError::Missing(key)),
        }
    };
    let (family, version, arch) = (value("family")?, value("version")?, value("arch")?);
    let osname = match family {
        "Rocky Linux" => "rockylinux",
        "AlmaLinux" => "almalinux",
        other => return Err(TreeInfoError::Family(other.to_owned())),
    };
    if !version.contains('.') {
        return Err(TreeInfoError::Version(version.to_owned()));
    }
    format!("{arch}-linux-{osname}-{version}").parse().map_err(TreeInfoError::Distro)
}

/// `images/install.img = sha256:...`
fn checksum((path, value): (&str, &str)) -> Result<(String, Sha256Digest), TreeInfoError> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if !path.split('/').all(plain) || path.bytes().any(|b| b.is_ascii_control() || b == b'\\') {
        return Err(TreeInfoError::Path(path.to_owned()));
    }
    let digest = value.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
    digest.map(|digest| (path.to_owned(), digest)).ok_or_else(|| TreeInfoError::Digest(path.to_owned()))
}

/// The lines of a section, at any place.
fn section<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut inside = false;
    text.lines().map(str::trim).filter_map(move |line| {
        if let Some(header) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            inside = header == name;
            return None;
        }
        if !inside || line.starts_with(['#', ';']) {
            return None;
        }
        let (key, value) = line.split_once('=')?;
        Some((key.trim(), value.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROCKY: &str = "[header]\ntype = productmd.treeinfo\nversion = 1.2\n\n[checksums]\nimages/install.img = sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n\n[general]\narch = x86_64\nfamily = Rocky Linux\nname = Rocky Linux 10.1\nversion = 10.1\n\n[release]\nversion = 99\n";

    #[test]
    fn a_tree_names_itself() {
        let rocky = TreeInfo::parse(ROCKY).unwrap();
        assert_eq!(rocky.distro.as_str(), "x86_64-linux-rockylinux-10.1");
        assert_eq!(rocky.checksums, [("images/install.img".to_owned(), Sha256Digest::hash(b"abc"))]);
        let alma = TreeInfo::parse(&ROCKY.replace("family = Rocky Linux", "family = AlmaLinux")).unwrap();
        assert_eq!(alma.distro.as_str(), "x86_64-linux-almalinux-10.1");
        for (from, to) in [
            ("family = Rocky Linux", "family = Fedora"),
            ("version = 10.1", "version = ../x"),
            ("version = 10.1", "version = 10"),
            ("version = 10.1", "version = 10.1\nversion = 10.2"),
            ("arch = x86_64", ""),
            ("images/install.img", "../install.img"),
            ("images/install.img", "/install.img"),
            ("sha256:ba", "sha1:ba"),
            ("sha256:ba", "sha256:"),
        ] {
            assert!(TreeInfo::parse(&ROCKY.replace(from, to)).is_err(), "{to}");
        }
        assert!(TreeInfo::parse("").is_err());
    }
}
