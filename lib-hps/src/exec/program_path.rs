// SPDX-License-Identifier: GPL-3.0-or-later
//! Where programs are. Programs of root call others, so no program is found through the caller's PATH or current
//! folder.
//!
//! Programs of Debian packages are in the four folders of [`FOLDERS`]. Every other program has an absolute path from
//! the site's settings. It is started only if no user except root (or the caller) could have changed it: see
//! [`trusted`].

use crate::files::{PathFault, PathRule, walk};
use rustix::fs::Mode;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folders of packaged programs.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/// The same for a program that finds its own helpers by PATH.
pub(super) const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// The program of a package.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    FOLDERS.iter().map(|folder| Path::new(folder).join(program)).find(|path| path.is_file())
}

/// A call of the program at `path`. It inherits nothing from its caller: no variable except [`PATH`], no input, and not
/// the current folder, in which some programs look for their configuration.
#[expect(clippy::disallowed_methods, reason = "this is the one place that starts programs")]
pub(super) fn command(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear().env("PATH", PATH).current_dir("/").stdin(Stdio::null());
    command
}

/// Whether only root or the caller could have put this program there: it is a regular file, and no other user may write
/// to it, or rename it or a link or folder on the way to it. Otherwise one line with what is wrong and the command that
/// corrects it.
///
/// # Errors
/// See above; [`Untrusted::Missing`] if there is none.
pub fn trusted(path: &Path) -> Result<(), Untrusted> {
    trusted_by(path, rustix::process::geteuid().as_raw())
}

/// Why a program is not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It is not there.
    #[error("{} is missing", .0.display())]
    Missing(PathBuf),
    /// Another user could have changed it.
    #[error("{0}")]
    Writable(String),
}

/// The same for a program that runs as `user`.
///
/// # Errors
/// See [`trusted`].
pub(super) fn trusted_by(path: &Path, user: u32) -> Result<(), Untrusted> {
    let refused = |path: &Path, problem: &str| Untrusted::Writable(format!("{}: {problem}", path.display()));
    if !path.is_absolute() {
        return Err(refused(path, "expected an absolute path"));
    }
    let belongs = |path: &Path, uid: u32| {
        let mend = format!("correct it with: chown -h root {}", path.display());
        refused(path, &format!("belongs to user {uid}, who could change what root runs; {mend}"))
    };
    let writable =
        |path: &Path| refused(path, &format!("others may write to it; correct it with: chmod go-w {}", path.display()));
    let place = walk(path, PathRule::for_user(user)).map_err(|fault| match fault {
        PathFault::Io(error) if error.is_not_found() => Untrusted::Missing(path.to_path_buf()),
        PathFault::Io(error) => refused(error.path(), &format!("cannot {}: {}", error.operation(), error.reason())),
        PathFault::Link { path, uid, .. } | PathFault::Owner { path, uid } => belongs(&path, uid),
        PathFault::Mode { path, .. } => writable(&path),
    })?;
    let (at, metadata) = (&place.path, &place.metadata);
    if metadata.uid() != 0 && metadata.uid() != user {
        return Err(belongs(at, metadata.uid()));
    }
    if !metadata.is_file() {
        return Err(refused(at, "is not a regular file"));
    }
    let mode = metadata.permissions().mode();
    if mode & (Mode::WGRP | Mode::WOTH).bits() != 0 {
        return Err(writable(at));
    }
    if mode & 0o111 == 0 {
        let problem = format!("is not executable; correct it with: chmod +x {}", at.display());
        return Err(refused(at, &problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{chown, symlink};

    fn mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_program_counts_if_nobody_else_could_have_changed_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("bin")).unwrap();
        let program = at("bin/program");
        std::fs::write(&program, "#!/bin/sh\n").unwrap();
        mode(&program, 0o755);
        mode(&at("bin"), 0o755);
        symlink("bin/../bin/program", at("link")).unwrap();
        symlink(at("link"), at("second")).unwrap();
        let user = rustix::process::geteuid().as_raw();
        let judge = |path: &Path| trusted_by(path, user).map_err(|why| why.to_string());
        for path in [&program, &at("link"), &at("second")] {
            assert_eq!(judge(path), Ok(()), "{path:?}");
        }
        assert_eq!(trusted(Path::new("/bin/sh")), Ok(()));
        assert!(judge(Path::new("bin/program")).unwrap_err().contains("absolute path"));
        assert_eq!(trusted_by(&at("none"), user), Err(Untrusted::Missing(at("none"))));
        let refused = |word: &str| {
            for path in [&program, &at("second")] {
                let why = judge(path).unwrap_err();
                assert!(why.contains(word), "{word}: {why}");
            }
        };
        mode(&program, 0o775);
        refused("chmod go-w");
        mode(&program, 0o644);
        refused("chmod +x");
        mode(&program, 0o755);
        mode(&at("bin"), 0o777);
        refused("chmod go-w");
        mode(&at("bin"), 0o1777);
        assert_eq!(judge(&program), Ok(()), "a sticky folder, as /tmp is");
        mode(&at("bin"), 0o755);
        if user == 0 {
            chown(&program, Some(65_534), None).unwrap();
            refused("chown -h root");
            chown(&program, Some(0), None).unwrap();
            chown(at("bin"), Some(65_534), None).unwrap();
            refused("chown -h root");
            chown(at("bin"), Some(0), None).unwrap();
            std::os::unix::fs::lchown(at("second"), Some(65_534), None).unwrap();
            assert!(judge(&at("second")).is_err(), "a link of somebody else in a sticky folder");
            std::os::unix::fs::lchown(at("second"), Some(0), None).unwrap();
        }
        std::fs::remove_file(&program).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &program, rustix::fs::FileType::Fifo, Mode::from(0o755), 0).unwrap();
        refused("not a regular file");
    }

    #[test]
    fn programs_of_packages_are_found_without_the_callers_path() {
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find("no-such-program-here"), None);
        let output = command(Path::new("/bin/sh")).args(["-c", "echo $PATH; pwd"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{PATH}\n/\n"));
    }
}
