// SPDX-License-Identifier: GPL-3.0-or-later
//! The folders of HPS programs, which a site may install anywhere: in folders of PATH that only root, or the owner of
//! this program, can change. The PATH of cron lacks /usr/local/sbin, so that is searched too. The Debian package has the
//! programs in the folder of this one, and links to them in /usr/sbin; a copy needs both.

use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::files::{FolderFault, IoError, folder_faults};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The folders of packages come last, and with them that of the site's programs.
const FOLDERS: [&str; 5] = ["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/// All programs. A missing one is not copied.
const PROGRAMS: [&str; 12] = [
    "boot_manager",
    "build-image",
    "build-repository",
    "check-and-download-rocky",
    "cluster-configure",
    "host-state",
    "hps",
    "hps-read",
    "hps-web",
    "reload",
    "self-test",
    "site-copy",
];
/// Without these, another machine cannot replace this one.
const REQUIRED: [&str; 2] = ["host-state", "reload"];

/// The folders that are searched, and those that are not, with the reason.
#[derive(Debug, Default)]
pub(super) struct ProgramFolders {
    searched: Vec<PathBuf>,
    left_out: Vec<(PathBuf, Vec<FolderFault>)>,
}

impl ProgramFolders {
    /// Those of the caller's PATH, and that of this program.
    pub(super) fn for_this_process() -> anyhow::Result<Self> {
        let own = Path::new("/proc/self/exe");
        let owner = own.metadata().map_err(IoError::during("read", own))?.uid();
        let here = std::env::current_exe().context("the path of this program is not known")?;
        Ok(Self::new(&std::env::var_os("PATH").unwrap_or_default(), here.parent(), owner))
    }

    fn new(path: &OsStr, own: Option<&Path>, owner: u32) -> Self {
        let mut folders = Self::default();
        let own = own.map(Path::to_path_buf);
        for folder in std::env::split_paths(path).chain(FOLDERS.map(PathBuf::from)).chain(own) {
            match folder_faults(&folder, owner) {
                (real, faults) if faults.is_empty() => folders.searched.push(real),
                (_, faults) => folders.left_out.push((folder, faults)),
            }
        }
        folders
    }

    /// The paths of all programs that are installed, with the files that links lead to.
    ///
    /// # Errors
    /// When a required one is not found, with the reason and the command that corrects it.
    pub(super) fn programs(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for name in PROGRAMS {
            match self.find(name)? {
                Some(path) => {
                    let real = path.canonicalize().map_err(IoError::during("read", &path))?;
                    if real != path {
                        found.push(real);
                    }
                    found.push(path);
                }
                None if REQUIRED.contains(&name) => return Err(Ended::error(Exit::Failed, self.why_missing(name))),
                None => {}
            }
        }
        Ok(found)
    }

    fn find(&self, name: &str) -> Result<Option<PathBuf>, IoError> {
        for path in self.searched.iter().map(|folder| folder.join(name)) {
            if is_program(&path)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    fn why_missing(&self, name: &str) -> String {
        let has_it = |folder: &Path| folder.is_absolute() && matches!(is_program(&folder.join(name)), Ok(true));
        match self.left_out.iter().find(|(folder, _)| has_it(folder)) {
            Some((folder, faults)) => {
                format!("{name} is in {}, which is left out of $PATH: {}", folder.display(), describe(faults))
            }
            None => {
                let searched: Vec<_> = self.searched.iter().map(|folder| folder.display().to_string()).collect();
                format!(
                    "{name} is in no folder of $PATH that only root can change ({}); add its folder to $PATH",
                    searched.join(":")
                )
            }
        }
    }
}

fn is_program(path: &Path) -> Result<bool, IoError> {
    match path.metadata() {
        Ok(metadata) => Ok(metadata.is_file() && metadata.permissions().mode() & 0o111 != 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(IoError::new("read", path, error)),
    }
}

/// What is wrong with a folder, and what to do.
fn describe(faults: &[FolderFault]) -> String {
    let (mut writable, mut modes) = (Vec::new(), Vec::new());
    for fault in faults {
        let why = match fault {
            FolderFault::Owner { path, user } => format!("user {user} owns {}", path.display()),
            FolderFault::Sticky { path } => format!("others can add files to {}", path.display()),
            FolderFault::Unreadable(error) => format!("{error} ({})", error.reason()),
            FolderFault::Writable { path, mode } => {
                writable.push(path.display().to_string());
                modes.push(*mode);
                continue;
            }
        };
        return format!("{why}; install it in a folder that only root can change, such as /usr/local/sbin");
    }
    modes.dedup();
    let mode = if let [mode] = modes.as_slice() { mode } else { "go-w" };
    format!(
        "users other than root can write {}; correct it with: chmod {mode} {}",
        writable.join(" and "),
        writable.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_others_can_change_is_left_out_with_the_command_that_corrects_it() {
        let top = tempfile::tempdir().unwrap();
        let owner = rustix::process::geteuid().as_raw();
        let mode = |path: &Path, mode: u32| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let folder = top.path().join("bin");
        std::fs::create_dir(&folder).unwrap();
        for name in ["host-state", "reload", "no-program"] {
            std::fs::write(folder.join(name), "").unwrap();
            mode(&folder.join(name), if name == "no-program" { 0o644 } else { 0o755 });
        }
        let look = || ProgramFolders::new(folder.as_os_str(), None, owner);
        let programs = look().programs().unwrap();
        assert!(programs.contains(&folder.join("host-state")) && programs.contains(&folder.join("reload")));
        assert_eq!(look().find("no-program").unwrap(), None);
        let shown = folder.display();
        for (bits, words) in [
            (0o775, format!("can write {shown}; correct it with: chmod g-w {shown}")),
            (0o1777, format!("others can add files to {shown}; install it in")),
        ] {
            mode(&folder, bits);
            let left_out = look();
            assert!(!left_out.searched.contains(&folder), "{bits:o}");
            let why = left_out.why_missing("host-state");
            assert!(why.starts_with(&format!("host-state is in {shown}, which is left out")), "{why}");
            assert!(why.contains(&words), "{why}");
            assert!(left_out.why_missing("none").contains("none is in no folder of $PATH"));
        }
    }

    #[test]
    fn the_programs_of_the_package_are_copied_with_their_links() {
        let top = tempfile::tempdir().unwrap();
        let owner = rustix::process::geteuid().as_raw();
        let (sbin, lib) = (top.path().join("sbin"), top.path().join("lib"));
        for folder in [&sbin, &lib] {
            std::fs::create_dir(folder).unwrap();
        }
        for name in ["boot_manager", "host-state", "reload"] {
            std::fs::write(lib.join(name), "").unwrap();
            std::fs::set_permissions(lib.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        for name in ["host-state", "reload"] {
            std::os::unix::fs::symlink(lib.join(name), sbin.join(name)).unwrap();
        }
        let programs = ProgramFolders::new(sbin.as_os_str(), Some(&lib), owner).programs().unwrap();
        for path in [sbin.join("reload"), lib.join("reload"), sbin.join("host-state"), lib.join("boot_manager")] {
            assert!(programs.contains(&path), "{path:?}: {programs:?}");
        }
    }
}
