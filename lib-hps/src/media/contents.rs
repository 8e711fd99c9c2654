// SPDX-License-Identifier: GPL-3.0-or-later
//! What is in the system that a host would get, as far as values of a cluster file must agree with it: users, groups, time zones, keyboard
//! layouts.
//!
//! The rule: a value is checked against what will read it on the host, not against this node, and before an installer is served.
//! Behind the wipe it would be too late. Of an image a small list that `build-image` wrote lies with its build, a line for each:
//! `user NAME`, `group NAME`, `timezone NAME`, `keyboard NAME`, `unit NAME`. A build of an older version has none, or one without units; then nothing is
//! refused, and the preflight check reports it. What a unit is called in the packages of a tree is not known here.

use super::builds;
use super::system_users::OF_RHEL;
use crate::boot::Source;
use crate::types::{Distro, HostType, Keyboard, Line};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Values of a cluster file that the system of a host must agree with.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// `install.admin_user`.
    pub admin_user: &'a str,
    /// `install.timezone`.
    pub timezone: &'a str,
    /// `install.keyboard`.
    pub keyboard: &'a str,
}

/// A value that the system does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {advice}")]
pub struct Unsuited {
    /// The key of the cluster file; none where a list could not be read.
    pub key: Option<&'static str>,
    /// What is wrong, with key, value and image.
    pub problem: String,
    /// What to do.
    pub advice: String,
    /// The list that could not be read.
    pub list: Option<PathBuf>,
}

/// Whether values could be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// All agree.
    Yes,
    /// The build has no list: an older version made it.
    NoList,
}

/// What the list in the folder of a build is called.
pub fn contents_list(host_type: HostType) -> String {
    format!("contents-{host_type}.txt")
}

/// Compares the values with what a host of this type would be installed from. At most one small file is read.
///
/// # Errors
/// The first value that does not agree, or that the list cannot be read.
pub fn suits(
    distros: &Path,
    distro: &Distro,
    host_type: HostType,
    source: &Source,
    wanted: Wanted<'_>,
) -> Result<Compared, Unsuited> {
    match source {
        Source::Tree { .. } if OF_RHEL.contains(&wanted.admin_user) => {
            let whose = format!("{distro} has a user or a group of the system with that name");
            Err(unsuited("install.admin_user", wanted.admin_user, &whose))
        }
        // All time zones of the tz database are in its package tzdata, those of old names too; all layouts that a cluster file can name
        // are in its package kbd-misc.
        Source::Tree { .. } => Ok(Compared::Yes),
        Source::Image { build, .. } => {
            let list = distros.join(distro.as_str()).join(build.as_str()).join(contents_list(host_type));
            let image = format!("the image {host_type} of {distro}, build {build},");
            let (text, compared) = match builds::text(&list) {
                Ok(text) => {
                    compare(&text, &image, wanted)?;
                    (text, Compared::Yes)
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => (String::new(), Compared::NoList),
                Err(error) => return Err(unread(distro, build, list, &error)),
            };
            has_keyboard(&text, &image, distro, wanted.keyboard)?;
            Ok(compared)
        }
    }
}

/// What is known of the units that somebody wants to have enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Units {
    /// The system has all of them.
    All,
    /// It lacks this one.
    Lacks(String),
    /// It is a tree, or an older version made the build, and wrote no list of units.
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

/// What an instance is made of: `getty@.service` of `getty@tty1.service`.
pub fn template_of(unit: &str) -> Option<String> {
    let (name, rest) = unit.split_once('@')?;
    let (_, kind) = rest.rsplit_once('.')?;
    Some(format!("{name}@.{kind}"))
}

fn unread(distro: &Distro, build: &Line, list: PathBuf, error: &io::Error) -> Unsuited {
    Unsuited {
        key: None,
        problem: format!("{} cannot be read ({error}), which tells what is in build {build}", list.display()),
        advice: format!("make another build: build-image --distro {distro} --force"),
        list: Some(list),
    }
}

fn compare(text: &str, image: &str, wanted: Wanted<'_>) -> Result<Compared, Unsuited> {
    let has = |kind: &str, name: &str| text.lines().any(|line| line.split_once(' ') == Some((kind, name)));
    let Wanted { admin_user, timezone, .. } = wanted;
    for kind in ["user", "group"] {
        if has(kind, admin_user) {
            return Err(unsuited("install.admin_user", admin_user, &format!("{image} has a {kind} of that name")));
        }
    }
    if !has("timezone", timezone) {
        return Err(unsuited("install.timezone", timezone, &format!("{image} has no such time zone")));
    }
    Ok(Compared::Yes)
}

/// An image of before builds listed layouts has none but the kernel's.
fn has_keyboard(text: &str, image: &str, distro: &Distro, keyboard: &str) -> Result<(), Unsuited> {
    let layouts: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("keyboard ")).collect();
    if keyboard == Keyboard::KERNEL || layouts.contains(&keyboard) {
        return Ok(());
    }
    let refused = |why: &str| unsuited("install.keyboard", keyboard, &format!("{image} {why}"));
    if layouts.is_empty() {
        let advice = format!("make a new build: build-image --distro {distro}");
        return Err(Unsuited { advice, ..refused("has no keyboard layouts: an older version made it") });
    }
    Err(refused("has no such keyboard layout"))
}

fn unsuited(key: &'static str, value: &str, why: &str) -> Unsuited {
    Unsuited {
        key: Some(key),
        problem: format!("{key} is {value:?}: {why}"),
        advice: "choose another value in the cluster file, then type: reload".to_owned(),
        list: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::Fetched;
    use crate::types::Sha256Digest;

    const LIST: &str = "user root\nuser operator\ngroup operator2\ntimezone UTC\ntimezone Europe/Paris\n";

    fn image() -> Source {
        let file = || Fetched { path: "x".to_owned(), sha256: Sha256Digest::of(b""), size: 1 };
        Source::Image { build: Line::lossy("b1"), kernel: file(), initrd: file(), image: file(), unpacked: 1 }
    }

    #[test]
    fn values_are_compared_with_the_image_and_not_with_this_node() {
        let folder = tempfile::tempdir().unwrap();
        let distro: Distro = "x86_64-linux-debian-13".parse().unwrap();
        let build = folder.path().join("x86_64-linux-debian-13/b1");
        std::fs::create_dir_all(&build).unwrap();
        let with = |admin_user: &str, timezone: &str| {
            suits(folder.path(), &distro, HostType::Sch, &image(), Wanted { admin_user, timezone, keyboard: "us" })
        };
        assert_eq!(with("operator", "US/Pacific"), Ok(Compared::NoList), "an older build");
        let list = build.join("contents-SCH.txt");
        std::fs::write(&list, LIST).unwrap();
        assert_eq!(with("admin", "Europe/Paris"), Ok(Compared::Yes));
        for (user, zone, words) in [
            ("operator", "UTC", ["install.admin_user is \"operator\": the image SCH", "has a user of that name"]),
            ("operator2", "UTC", ["x86_64-linux-debian-13, build b1, has", "has a group of that name"]),
            ("admin", "US/Pacific", ["install.timezone is \"US/Pacific\": the image SCH", "no such time zone"]),
        ] {
            let said = with(user, zone).unwrap_err().to_string();
            assert!(words.iter().all(|word| said.contains(word)) && said.ends_with("type: reload"), "{said}");
        }
        // What could not be read is not "it has none".
        std::fs::remove_file(&list).unwrap();
        std::fs::create_dir(&list).unwrap();
        let said = with("admin", "UTC").unwrap_err();
        assert!(said.list.is_some() && said.to_string().contains("contents-SCH.txt cannot be read"), "{said}");
    }

    #[test]
    fn a_keyboard_layout_is_one_of_the_image() {
        let folder = tempfile::tempdir().unwrap();
        let distro: Distro = "x86_64-linux-debian-13".parse().unwrap();
        let build = folder.path().join("x86_64-linux-debian-13/b1");
        std::fs::create_dir_all(&build).unwrap();
        let with = |keyboard: &str| {
            let wanted = Wanted { admin_user: "admin", timezone: "UTC", keyboard };
            suits(folder.path(), &distro, HostType::Sch, &image(), wanted)
        };
        // A build of before has the kernel's layout, whether it lists time zones or nothing.
        let list = build.join("contents-SCH.txt");
        for (lines, compared) in [(None, Compared::NoList), (Some(LIST), Compared::Yes)] {
            lines.inspect(|lines| std::fs::write(&list, lines).unwrap());
            assert_eq!(with("us"), Ok(compared));
            let refused = with("de").unwrap_err();
            assert_eq!(refused.key, Some("install.keyboard"));
            assert!(refused.advice.contains("build-image --distro x86_64-linux-debian-13"), "{refused}");
        }
        std::fs::write(&list, format!("{LIST}keyboard de\nkeyboard us\n")).unwrap();
        for good in ["us", "de"] {
            assert_eq!(with(good), Ok(Compared::Yes));
        }
        let refused = with("fr").unwrap_err();
        assert_eq!(refused.key, Some("install.keyboard"));
        assert!(!refused.advice.contains("build-image"), "{refused}");
    }

    #[test]
    fn units_are_known_where_the_build_lists_them() {
        let folder = tempfile::tempdir().unwrap();
        let distro: Distro = "x86_64-linux-debian-13".parse().unwrap();
        let build = folder.path().join("x86_64-linux-debian-13/b1");
        std::fs::create_dir_all(&build).unwrap();
        let has = |units: &[&str]| has_units(folder.path(), &distro, HostType::Sch, &image(), units);
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
        assert_eq!(has_units(folder.path(), &distro, HostType::Sch, &tree, &["x.service"]), Ok(Units::Unknown));
    }

    #[test]
    fn a_tree_has_the_users_of_its_system() {
        let distro: Distro = "x86_64-linux-rockylinux-10.1".parse().unwrap();
        let tree = Source::Tree { path: Line::lossy(distro.as_str()) };
        let with = |admin_user| {
            let wanted = Wanted { admin_user, timezone: "US/Pacific", keyboard: "de" };
            suits(Path::new("/nonexistent"), &distro, HostType::Sch, &tree, wanted)
        };
        assert_eq!(with("admin"), Ok(Compared::Yes));
        for user in ["operator", "adm", "wheel", "games", "systemd-oom"] {
            assert!(with(user).unwrap_err().to_string().contains("rockylinux-10.1 has a user or a group"), "{user}");
        }
    }
}
