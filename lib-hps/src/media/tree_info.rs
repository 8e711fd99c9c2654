// SPDX-License-Identifier: GPL-3.0-or-later
//! What an installation tree says of itself: the section `general` of its `.treeinfo`.

use crate::types::Distro;

/// The distro string of a tree.
///
/// # Errors
/// One line: what the file lacks, or that it is the tree of a system that is not installed here.
pub(super) fn distro_of(tree_info: &str) -> Result<Distro, String> {
    let value = |key: &str| {
        value_in(tree_info, "general", key).ok_or_else(|| format!(".treeinfo has no {key} in its section general"))
    };
    let (family, version, arch) = (value("family")?, value("version")?, value("arch")?);
    let osname = match family {
        "Rocky Linux" => "rockylinux",
        "AlmaLinux" => "almalinux",
        other => return Err(format!(".treeinfo says family {other:?}: expected Rocky Linux or AlmaLinux")),
    };
    format!("{arch}-linux-{osname}-{version}").parse().map_err(|e: crate::types::Invalid| format!(".treeinfo: {e}"))
}

/// A value of an INI file.
fn value_in<'a>(text: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            inside = name == section;
        } else if let Some((name, value)) = line.split_once('=')
            && inside
            && name.trim() == key
        {
            return Some(value.trim());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROCKY: &str = "[header]\ntype = productmd.treeinfo\nversion = 1.2\n\n[general]\narch = x86_64\nfamily = Rocky Linux\nname = Rocky Linux 10.1\nversion = 10.1\n\n[release]\nversion = 99\n";

    #[test]
    fn a_tree_names_itself() {
        assert_eq!(distro_of(ROCKY).unwrap().as_str(), "x86_64-linux-rockylinux-10.1");
        assert_eq!(
            distro_of(&ROCKY.replace("family = Rocky Linux", "family = AlmaLinux")).unwrap().as_str(),
            "x86_64-linux-almalinux-10.1"
        );
        for (from, to) in
            [("family = Rocky Linux", "family = Fedora"), ("version = 10.1", "version = ../x"), ("arch = x86_64", "")]
        {
            assert!(distro_of(&ROCKY.replace(from, to)).is_err(), "{to}");
        }
        assert!(distro_of("").is_err());
    }
}
