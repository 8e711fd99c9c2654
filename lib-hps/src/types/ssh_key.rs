// SPDX-License-Identifier: GPL-3.0-or-later
//! A public key line of an administrator, as in authorized_keys (sshd(8)), without options.

use super::checked_text;

checked_text! {
    /// `<algorithm> <base64> [comment]` on one line of printable ASCII, at most 2,000 bytes. Quotes and backslashes are
    /// refused, because the key goes into answer files. Key options are refused.
    SshKey, "ssh public key",
    "expected one line 'ssh-ed25519 AAAA... comment' (also ssh-rsa, ecdsa-sha2-*, sk-*) without options",
    |text| {
        let mut words = text.split(' ');
        let algorithm = words.next().unwrap_or_default();
        let blob = words.next().unwrap_or_default();
        text.len() <= 2000
            && text.bytes().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\'' | b'\\' | b'`' | b'$'))
            && (matches!(algorithm, "ssh-ed25519" | "ssh-rsa" | "sk-ssh-ed25519@openssh.com" | "sk-ecdsa-sha2-nistp256@openssh.com")
                || algorithm.strip_prefix("ecdsa-sha2-").is_some_and(|c| matches!(c, "nistp256" | "nistp384" | "nistp521")))
            && blob.len() >= 32
            && blob.starts_with("AAAA")
            && blob.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz0123456789abcdef admin@site";
        assert!(key.parse::<SshKey>().is_ok());
        for bad in [
            "",
            "ssh-ed25519",
            "command=\"x\" ssh-ed25519 AAAA",
            "ssh-dss AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijkl",
            &format!("{key}\nroot"),
            &format!("{key} $(x)"),
        ] {
            assert!(bad.parse::<SshKey>().is_err(), "{bad:?}");
        }
    }
}
