// SPDX-License-Identifier: GPL-3.0-or-later
//! Which units of systemd the system of a host would have.

use super::builds;
use super::contents::{Unsuited, contents_list, unread};
use crate::boot::Source;
use crate::types::{Distro, HostType};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// Whether the system has the units that should be enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Units {
    /// The system has all of them.
    All,
    /// It lacks this one.
    Lacks(String),
    /// It is a tree, or an older version made the build, without a list of units.
    Unknown,
}

/// Whether what a host of this type would be installed from has these units of systemd.
///
/// # Errors
/// When the list cannot be read.
pub fn has_units(
    distros: &Path,
    distro: &Distro,
    host_type: HostType,
    source: &Source,
    units: &[&str],
) -> Result<Units, Unsuited> {
    let Source::Image { build, .. } = source else { return Ok(Units::Unknown) };
    let list = distros.join(distro.as_str()).join(build.as_str()).join(contents_list(host_type));
    let text = match builds::text(&list) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Units::Unknown),
        Err(error) => return Err(unread(distro, build, list, &error)),
    };
    let there: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("unit ")).collect();
    if there.is_empty() {
        return Ok(Units::Unknown);
    }
    let missing =
        units.iter().find(|unit| !there.contains(**unit) && !template_of(unit).is_some_and(|t| there.contains(&*t)));
    Ok(missing.map_or(Units::All, |unit| Units::Lacks((*unit).to_owned())))
}

/// The template of an instance: `getty@.service` of `getty@tty1.service`.
pub fn template_of(unit: &str) -> Option<String> {
    let (name, rest) = unit.split_once('@')?;
    let (_, kind) = rest.rsplit_once('.')?;
    Some(format!("{name}@.{kind}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::Fetched;
    use crate::types::{Line, Sha256Digest};

    /// A list of before builds listed units.
    const LIST: &str = "user root\ntimezone UTC\n";

    fn image() -> Source {
        let file = || Fetched { path: "x".to_owned(), sha256: Sha256Digest::hash(b""), size: 1 };
        Source::Image { build: Line::lossy("b1"), kernel: file(), initrd: file(), image: file(), unpacked: 1 }
    }

    #[test]
    fn units_are_known_where_the_build_lists_them() {
        let folder = tempfile::tempdir().unwrap();
        let distro: Distro = "x86_64-linux-debian-13".parse().unwrap();
        let build = folder.path().join("x86_64-linux-debian-13/b1");
        std::fs::create_dir_all(&build).unwrap();
        let has = |units: &[&str]| has_units(folder.path(), &distro, HostType::SCH, &image(), units);
        assert_eq!(has(&["x.service"]), Ok(Units::Unknown), "a build without a list");
        let list = build.join("contents-SCH.txt");
        std::fs::write(&list, LIST).unwrap();
        assert_eq!(has(&["x.service"]), Ok(Units::Unknown), "a list of before");
        std::fs::write(&list, format!("{LIST}unit ssh.service\nunit getty@.service\n")).unwrap();
        assert_eq!(has(&["ssh.service", "getty@tty1.service", "getty@.service"]), Ok(Units::All));
        for lacking in ["sshd.service", "ssh.socket", "other@tty1.service", "ssh"] {
            assert_eq!(has(&["ssh.service", lacking]), Ok(Units::Lacks(lacking.to_owned())));
        }
        std::fs::remove_file(&list).unwrap();
        std::fs::create_dir(&list).unwrap();
        assert!(has(&["ssh.service"]).is_err(), "a list that cannot be read");
        let tree = Source::Tree { path: Line::lossy("x") };
        assert_eq!(has_units(folder.path(), &distro, HostType::SCH, &tree, &["x.service"]), Ok(Units::Unknown));
    }
}
