// SPDX-License-Identifier: GPL-3.0-or-later
//! A file that may change: shown as a diff, or written.

use crate::layout;
use anyhow::Context as _;
use hps::files::{Access, IoError, write_atomic};
use hps::store::read_plain;
use similar::TextDiff;
use std::path::{Path, PathBuf};

/// More than a program of ours has.
pub(crate) const MAX_FILE_BYTES: u64 = 256 << 20;
/// How much larger a file may be than its new content; it differs in any case.
const MORE: u64 = 1 << 20;

/// A file, as it is and as it should be.
#[derive(Debug)]
pub struct Change {
    path: PathBuf,
    before: Option<Vec<u8>>,
    /// None: the file should not exist.
    after: Option<Vec<u8>>,
    access: Access,
    mode: Option<u32>,
}

fn is_no_plain_file(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, InvalidInput};
    // With O_NOFOLLOW a link gives ELOOP; a socket gives ENXIO.
    matches!(error.kind(), FileTooLarge | InvalidInput)
        || [rustix::io::Errno::LOOP, rustix::io::Errno::NXIO]
            .iter()
            .any(|e| error.raw_os_error() == Some(e.raw_os_error()))
}

impl Change {
    /// Compares the file with its new content.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(path: PathBuf, after: Vec<u8>, access: Access) -> anyhow::Result<Self> {
        Self::to(path, Some(after), access)
    }

    /// A file that should not be there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn removal(path: PathBuf) -> anyhow::Result<Self> {
        // As it was, in case it comes back.
        let mode =
            std::fs::metadata(&path).ok().map(|m| std::os::unix::fs::PermissionsExt::mode(&m.permissions()) & 0o777);
        Ok(Self { mode, ..Self::to(path, None, Access::World)? })
    }

    fn to(path: PathBuf, after: Option<Vec<u8>>, access: Access) -> anyhow::Result<Self> {
        let most = after.as_ref().map_or(MAX_FILE_BYTES, |after| 2 * after.len() as u64 + MORE);
        let before = match read_plain(&path, most) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            // Something else is in its place, and the new file replaces it; the web server's user writes reservations,
            // too.
            Err(error) if is_no_plain_file(&error) => Some(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("{}: cannot read", path.display())),
        };
        Ok(Self { path, before, after, access, mode: None })
    }

    /// The same, for a program.
    #[must_use]
    pub fn executable(mut self) -> Self {
        self.mode = Some(0o755);
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its new content.
    pub fn after(&self) -> &[u8] {
        self.after.as_deref().unwrap_or_default()
    }

    /// Whether there was a file.
    pub fn was_there(&self) -> bool {
        self.before.is_some()
    }

    /// Whether it differs.
    pub fn is_needed(&self) -> bool {
        self.before != self.after
    }

    /// A unified diff, or one line for a file that is not text.
    pub fn diff(&self) -> String {
        let name = self.path.display().to_string();
        let before = self.before.as_deref().unwrap_or_default();
        match (std::str::from_utf8(before), std::str::from_utf8(self.after())) {
            (Ok(before), Ok(after)) => {
                let old = if self.before.is_some() { name.as_str() } else { "/dev/null" };
                let new = if self.after.is_some() { name.as_str() } else { "/dev/null" };
                TextDiff::from_lines(before, after).unified_diff().header(old, new).to_string()
            }
            _ if self.after.is_none() => format!("binary file {name}: removed\n"),
            _ => format!("binary file {name}: {} bytes instead of {}\n", self.after().len(), before.len()),
        }
    }

    /// Writes it, if it differs.
    ///
    /// # Errors
    /// When it cannot be written; then it is unchanged.
    pub fn apply(&self) -> anyhow::Result<bool> {
        if !self.is_needed() {
            return Ok(false);
        }
        self.put(self.after.as_deref())?;
        Ok(true)
    }

    /// Restores the old content of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn undo(&self) -> anyhow::Result<()> {
        self.put(self.before.as_deref())
    }

    fn put(&self, content: Option<&[u8]>) -> anyhow::Result<()> {
        let Some(content) = content else {
            return match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(error).with_context(|| format!("{}: cannot remove", self.path.display()))
                }
                _ => Ok(()),
            };
        };
        if let Some(folder) = self.path.parent().filter(|folder| !folder.exists()) {
            layout::make_open(folder)?;
        }
        write_atomic(&self.path, content, self.access)?;
        if let Some(mode) = self.mode {
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
            std::fs::set_permissions(&self.path, permissions)
                .map_err(IoError::during("set the mode of", &self.path))?;
        }
        Ok(())
    }
}
