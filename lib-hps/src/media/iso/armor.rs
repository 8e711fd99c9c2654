// SPDX-License-Identifier: GPL-3.0-or-later
//! The ASCII armor of OpenPGP keys (RFC 9580, 6.2).

use base64::Engine as _;

/// The bytes of an armored key (RFC 9580, 6.2): base64 between two lines, after headers and an empty line; a last line
/// that begins with `=` is a checksum.
pub(in crate::media) fn dearmor(armored: &str) -> Option<Vec<u8>> {
    let (_, rest) = armored.split_once("-----BEGIN PGP PUBLIC KEY BLOCK-----")?;
    let (block, _) = rest.split_once("-----END PGP PUBLIC KEY BLOCK-----")?;
    let lines = block.trim_start_matches(['\r', '\n', ' ']).lines().map(str::trim);
    let body: String = lines.filter(|line| !line.contains(": ") && !line.starts_with('=')).collect();
    base64::engine::general_purpose::STANDARD.decode(body).ok().filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::vendor::Vendor;

    #[test]
    fn pinned_keys_can_be_read() {
        for vendor in Vendor::ALL {
            for major in [9, 10] {
                let bytes = dearmor(vendor.key(major).unwrap().armored).unwrap();
                assert!(bytes.first().is_some_and(|tag| tag & 0x80 != 0), "an OpenPGP packet");
            }
        }
        assert_eq!(dearmor("hello"), None);
    }
}
