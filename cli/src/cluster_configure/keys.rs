// SPDX-License-Identifier: GPL-3.0-or-later
//! The administrator's public keys: from files, or those of the person who runs this.

use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::types::{Invalid, SshKey};
use std::path::PathBuf;

/// Reads key files: one key a line; empty lines and comments are left out.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<Vec<SshKey>> {
    let mut keys = Vec::new();
    for file in files {
        let text = program::read_input(file, program::MAX_INPUT_BYTES)?;
        let before = keys.len();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            keys.push(line.parse().with_context(|| format!("{}: line {}", file.display(), index + 1))?);
        }
        if keys.len() == before {
            return Err(Ended::error(Exit::Failed, format!("{}: the file has no public key", file.display())));
        }
    }
    Ok(keys)
}

/// Why an answer is not a key.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    #[error("a host without a key accepts no login: paste the line of a .pub file, or type its path")]
    Empty,
    /// The named file has none.
    #[error("{0:#}")]
    File(anyhow::Error),
    #[error("{0}; or type the path of a .pub file")]
    Key(Invalid),
}

/// What a person typed: a key, or the path of a file with keys.
pub(super) fn typed(text: &str) -> Result<Vec<SshKey>, KeyError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(KeyError::Empty);
    }
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let path = match text.strip_prefix("~/") {
        Some(rest) => home().map(|home| home.join(rest)),
        None => (text.starts_with(['/', '.']) || text.ends_with(".pub")).then(|| PathBuf::from(text)),
    };
    match path.filter(|_| !text.contains(' ') || text.starts_with(['/', '.', '~'])) {
        Some(path) => read(&[path]).map_err(KeyError::File),
        None => text.parse().map(|key| vec![key]).map_err(KeyError::Key),
    }
}

/// The keys of the person behind sudo, otherwise those of root.
pub(super) fn own() -> Vec<SshKey> {
    let home = match std::env::var("SUDO_USER") {
        Ok(user) if user != "root" && !user.contains('/') => PathBuf::from("/home").join(user),
        _ => PathBuf::from("/root"),
    };
    let files: Vec<PathBuf> = ["id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"]
        .into_iter()
        .map(|name| home.join(".ssh").join(name))
        .filter(|path| path.is_file())
        .collect();
    // A key that cannot be used is left out of the defaults.
    read(&files).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_or_the_path_of_a_file_is_taken() {
        const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin@site";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("id.pub");
        std::fs::write(&file, format!("{KEY}\n")).unwrap();
        assert_eq!(typed(KEY).unwrap(), typed(&file.to_string_lossy()).unwrap());
        assert!(typed("  ").unwrap_err().to_string().contains("path"));
        assert!(typed("/nonexistent/id.pub").unwrap_err().to_string().contains("no such file"));
        assert!(typed("ssh-ed25519").unwrap_err().to_string().contains(".pub"));
        std::fs::write(&file, "# nothing\n").unwrap();
        assert!(typed(&file.to_string_lossy()).unwrap_err().to_string().contains("no public key"));
    }
}
