// SPDX-License-Identifier: GPL-3.0-or-later
//! The administrator's public keys: from files, from an answer, or those of the person who runs this.

use super::plan::Keys;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::types::{Invalid, SshKey};
use std::path::{Path, PathBuf};

/// Reads key files: one key a line; empty lines and comments are left out.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<Vec<SshKey>> {
    let mut keys = Vec::new();
    for file in files {
        let text = program::read_input(file, program::MAX_INPUT_BYTES)?;
        if is_private(&text) {
            return Err(Ended::error(Exit::Failed, private(file)));
        }
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

/// Of OpenSSH and of PuTTY.
fn is_private(text: &str) -> bool {
    text.lines().any(|line| {
        (line.starts_with("-----BEGIN") && line.contains("PRIVATE KEY")) || line.starts_with("PuTTY-User-Key-File")
    })
}

fn private(file: &Path) -> String {
    let mut public = file.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    let (file, shown) = (file.display(), public.display());
    match public.is_file() {
        true => format!("{file} is the private key, which must stay secret; the public key is beside it: {shown}"),
        false => format!(
            "{file} is a private key, which must stay secret; write its public key with: ssh-keygen -y -f {file} > {shown}"
        ),
    }
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
    #[error("that is a line of a private key, which must stay secret; type the path of the .pub file")]
    Private,
}

/// What a person typed: a key, or the path of a file with keys. A relative path begins in the current folder.
pub(super) fn typed(text: &str) -> Result<Keys, KeyError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(KeyError::Empty);
    }
    if text.starts_with("-----BEGIN") || is_private(text) {
        return Err(KeyError::Private);
    }
    if ["ssh-", "ecdsa-", "sk-"].iter().any(|begin| text.starts_with(begin)) && !Path::new(text).is_file() {
        return text.parse().map(|key| Keys { keys: vec![key], file: None }).map_err(KeyError::Key);
    }
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let path = match text.strip_prefix("~/") {
        Some(rest) => home().map_or_else(|| PathBuf::from(text), |home| home.join(rest)),
        None => PathBuf::from(text),
    };
    // The whole path, since the command that repeats the answers may be typed in another folder.
    let path = std::path::absolute(&path).unwrap_or(path);
    let keys = read(std::slice::from_ref(&path)).map_err(KeyError::File)?;
    Ok(Keys { keys, file: Some(path) })
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

/// A key without its long middle: `ssh-ed25519 ...klmnopqr admin@site`.
pub(super) fn short(key: &SshKey) -> String {
    let mut words = key.as_str().splitn(3, ' ');
    let (algorithm, blob) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let end: String = blob.chars().skip(blob.chars().count().saturating_sub(8)).collect();
    format!("{algorithm} ...{end} {}", words.next().unwrap_or_default()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin@site";

    #[test]
    fn a_key_or_the_path_of_a_file_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("id.pub");
        std::fs::write(&file, format!("{KEY}\n")).unwrap();
        assert_eq!(typed(KEY).unwrap().keys, typed(&file.to_string_lossy()).unwrap().keys);
        assert!(typed("  ").unwrap_err().to_string().contains("path"));
        for missing in ["/nonexistent/id.pub", "no-such-file.pub"] {
            assert!(typed(missing).unwrap_err().to_string().contains("no such file"));
        }
        assert!(typed("ssh-ed25519").unwrap_err().to_string().contains(".pub"));
        std::fs::write(&file, "# nothing\n").unwrap();
        assert!(typed(&file.to_string_lossy()).unwrap_err().to_string().contains("no public key"));
        assert_eq!(short(&KEY.parse().unwrap()), "ssh-ed25519 ...stuvwxyz admin@site");
    }

    #[test]
    fn a_private_key_is_named_with_the_public_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("id");
        std::fs::write(&file, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n").unwrap();
        let problem = || typed(&file.to_string_lossy()).unwrap_err().to_string();
        assert!(problem().contains("ssh-keygen -y -f"), "{}", problem());
        std::fs::write(folder.path().join("id.pub"), KEY).unwrap();
        assert!(problem().contains("id.pub") && !problem().contains("b3Blbn"), "{}", problem());
        let pasted = typed("-----BEGIN OPENSSH PRIVATE KEY-----").unwrap_err().to_string();
        assert!(pasted.contains("private key"), "{pasted}");
    }
}
