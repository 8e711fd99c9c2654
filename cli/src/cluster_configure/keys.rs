// SPDX-License-Identifier: GPL-3.0-or-later
//! The administrator's public keys: from files, or the ones that whoever runs this has.

use anyhow::Context as _;
use hps::types::SshKey;
use std::path::PathBuf;

/// Reads key files: one key a line; empty lines and comments are left out.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<Vec<SshKey>> {
    let mut keys = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| format!("{}: cannot read", file.display()))?;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            keys.push(line.parse().with_context(|| format!("{}: line {}", file.display(), index + 1))?);
        }
    }
    Ok(keys)
}

/// The keys of the person behind sudo, else of root.
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
    // A key that cannot be taken is only no default.
    read(&files).unwrap_or_default()
}
