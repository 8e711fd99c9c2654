// SPDX-License-Identifier: GPL-3.0-or-later
//! Published files that users other than root can change. Trees of earlier versions had the owners of their ISO, and a
//! person may have changed owners or modes since.

use super::builds::builds;
use super::packages::REPO;
use super::trees::{Standing, standing, trees};
use super::{Item, settled};
use crate::files::{Base, FileError, Trust, check_folder};
use crate::types::Distro;
use std::path::{Path, PathBuf};

/// One thing that others can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: String,
    /// The command that corrects it.
    pub advice: String,
}

/// The first such thing of each tree, build and repository, and of their folders. A folder that does not exist yet has
/// none.
///
/// # Errors
/// When something cannot be listed.
pub fn exposed(distros: &Path, packages: &Path, base: &Base) -> std::io::Result<Vec<Exposed>> {
    let mut found = Vec::new();
    for folder in [distros, packages].into_iter().filter(|folder| folder.exists()) {
        match check_folder(folder, base, Trust::Root) {
            Ok(_) => {}
            Err(FileError::Untrusted { path, problem, mend }) => found.push(Exposed { path, problem, advice: mend }),
            Err(other) => return Err(std::io::Error::other(other)),
        }
    }
    found.dedup();
    let published = trees(distros).or_else(nothing_there)?.into_iter().map(|tree| tree.distro);
    for distro in published.filter(|distro| matches!(standing(distros, distro), Ok(Standing::Tree))) {
        let advice = format!(
            "its files may have changed since they were verified; remove it with check-and-download-rocky --remove {distro}, and publish it again"
        );
        found.extend(first(&Item::tree(distro).place(distros), &advice)?);
    }
    for build in builds(distros).or_else(nothing_there)? {
        let item = build.item;
        let advice = format!(
            "its files may have changed since they were verified; make another one with build-image --distro {} --force, then build-image --remove {item}",
            item.distro()
        );
        found.extend(first(&item.place(distros), &advice)?);
    }
    for entry in std::fs::read_dir(packages)
        .map(Some)
        .or_else(|error| nothing_there(error).map(|()| None))?
        .into_iter()
        .flatten()
    {
        let entry = entry?;
        let distro = entry.file_name().to_str().and_then(|name| name.parse::<Distro>().ok());
        for folder in [REPO, "keys"].map(|name| entry.path().join(name)) {
            if let Some(distro) = distro.as_ref().filter(|_| folder.exists()) {
                let at = folder.display();
                let advice = format!(
                    "correct the owner and verify it again: chown -hR root:root {at} && chmod -R go-w {at} && build-repository --distro {distro} --verify"
                );
                found.extend(first(&folder, &advice)?);
            }
        }
    }
    Ok(found)
}

fn nothing_there<T: Default>(error: std::io::Error) -> std::io::Result<T> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(T::default()) } else { Err(error) }
}

/// The folder itself, or the first thing in it.
fn first(place: &Path, advice: &str) -> std::io::Result<Option<Exposed>> {
    let exposed = |path: &Path, problem| Exposed { path: path.to_path_buf(), problem, advice: advice.to_owned() };
    if let Some(problem) = settled::wrong_of(place) {
        return Ok(Some(exposed(place, problem)));
    }
    if !std::fs::symlink_metadata(place)?.is_dir() {
        return Ok(None);
    }
    for entry in std::fs::read_dir(place)? {
        let entry = entry?;
        // A link has no permissions of its own; other checks report it.
        let kind = entry.file_type()?;
        let found = match kind.is_dir() {
            true => first(&entry.path(), advice)?,
            false if kind.is_symlink() => None,
            false => settled::wrong_of(&entry.path()).map(|problem| exposed(&entry.path(), problem)),
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_thing_of_each_that_others_can_change() {
        let root = tempfile::tempdir().unwrap();
        let (distros, packages) = (root.path().join("distros"), root.path().join("packages"));
        let found = || exposed(&distros, &packages, &Base::from_folders([root.path()])).unwrap();
        assert!(found().is_empty(), "nothing is there yet");
        let tree = distros.join("x86_64-linux-rockylinux-10.1/images");
        let build = distros.join("x86_64-linux-debian-12/20261122T110203Z");
        let repo = packages.join("x86_64-linux-rockylinux-10/Repo/repodata");
        for folder in [&tree, &build, &repo] {
            std::fs::create_dir_all(folder).unwrap();
            for name in ["a", "b"] {
                std::fs::write(folder.join(name), name).unwrap();
                std::fs::set_permissions(folder.join(name), PermissionsExt::from_mode(0o644)).unwrap();
            }
        }
        assert_eq!(found(), [], "all is root's");
        for folder in [&tree, &build, &repo] {
            std::fs::set_permissions(folder.join("a"), PermissionsExt::from_mode(0o666)).unwrap();
        }
        let paths: Vec<PathBuf> = found().into_iter().map(|exposed| exposed.path).collect();
        assert_eq!(paths, [&tree, &build, &repo].map(|folder| folder.join("a")));
        for (exposed, command) in found().iter().zip(["--remove x86_64-linux-rockylinux-10.1", "--force", "--verify"]) {
            assert!(exposed.problem.contains("mode 0666") && exposed.advice.contains(command), "{exposed:?}");
        }
        std::fs::set_permissions(&distros, PermissionsExt::from_mode(0o777)).unwrap();
        assert!(found()[0].advice.ends_with(&format!("chmod go-w {}", distros.display())), "{:?}", found());
    }
}
