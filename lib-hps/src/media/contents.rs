// SPDX-License-Identifier: GPL-3.0-or-later
//! The contents of the system that a host would get, as far as values of a cluster file must match them: users, groups,
//! time zones, keyboard layouts.
//!
//! The rule: a value is checked against what will read it on the host, not against this node, and before an installer
//! is served. After the wipe it would be too late. The build of an image has a small list from `build-image`, a line
//! for each: `user NAME`, `group NAME`, `timezone NAME`, `keyboard NAME`, `unit NAME`. A build of an older version has
//! no list, or one without units; then no value is refused, and the preflight check reports it. The names of units in
//! the packages of a tree are not known here.

use super::builds;
use super::system_users::OF_RHEL;
use crate::boot::Source;
use crate::types::{Distro, HostType, Keyboard, Line};
use std::io;
use std::path::{Path, PathBuf};

/// Values of a cluster file that the system of a host must match.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// `install.admin_user`.
    pub admin_user: &'a str,
    /// `install.timezone`.
    pub timezone: &'a str,
    /// `install.keyboard`.
    pub keyboard: &'a str,
}

/// A value that the system does not accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {advice}")]
pub struct Unsuited {
    /// The key of the cluster file; none if a list could not be read.
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

/// The name of the list in the folder of a build.
pub fn contents_list(host_type: HostType) -> String {
    format!("contents-{host_type}.txt")
}

/// Compares the values with what a host of this type would be installed from. Reads at most one small file.
///
/// # Errors
/// The first value that does not match, or that the list cannot be read.
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
        // The package tzdata has all time zones of the tz database, also under old names. The package kbd-misc has all
        // layouts that a cluster file can name.
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

/// The list of a build cannot be read.
pub(super) fn unread(distro: &Distro, build: &Line, list: PathBuf, error: &io::Error) -> Unsuited {
    Unsuited {
        key: None,
        problem: format!("{} cannot be read ({error}); it lists the contents of build {build}", list.display()),
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

/// An image from before builds listed layouts has only the kernel's.
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
#[path = "contents_tests.rs"]
mod tests;
