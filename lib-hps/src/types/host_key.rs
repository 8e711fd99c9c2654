// SPDX-License-Identifier: GPL-3.0-or-later
//! The public half of the key of a host's sshd, in the form of ssh_known_hosts (sshd(8)).

use super::checked_text;

/// The beginning of every Ed25519 key in base64: the length and the name of the algorithm, and the length of the key
/// (RFC 8709).
const ED25519: &str = "AAAAC3NzaC1lZDI1NTE5AAAAI";

checked_text! {
    /// `ssh-ed25519 <68 characters of base64>`, the only kind that installations make.
    HostKey, "ssh host key", "expected an Ed25519 key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...",
    |text| text.strip_prefix("ssh-ed25519 ").is_some_and(|key| {
        key.len() == 68
            && key.starts_with(ED25519)
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let key = format!("ssh-ed25519 {ED25519}{}", "a".repeat(43));
        assert!(key.parse::<HostKey>().is_ok());
        let rsa = key.replace("ed25519", "rsa");
        for bad in ["", "ssh-ed25519", &key[1..], &key[..key.len() - 1], &format!("{key} c"), &format!("{key}\n"), &rsa]
        {
            assert!(bad.parse::<HostKey>().is_err(), "{bad:?}");
        }
    }
}
