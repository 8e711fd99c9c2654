// SPDX-License-Identifier: GPL-3.0-or-later
//! The packets of a detached signature, checked before gpgv reads them.

use super::refusal::Refusal;
use base64::Engine as _;

/// A detached signature is a sequence of signature packets (RFC 9580, 4.2). gpgv also reads packets that are packed
/// into others. A few kilobytes of these can have more signatures than it checks in an hour.
pub(super) fn only_signatures(bytes: &[u8]) -> Result<(), Refusal> {
    const SIGNATURE: u8 = 2;
    let armored = String::from_utf8_lossy(bytes);
    let unpacked = if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.to_vec()
    } else {
        dearmor(&armored).ok_or(Refusal::NoSignature)?
    };
    let mut rest = unpacked.as_slice();
    if rest.is_empty() {
        return Err(Refusal::NoSignature);
    }
    while let [head, body @ ..] = rest {
        let (tag, length, body) = match (head & 0xc0, head & 3, body) {
            (0xc0, _, [one @ 0..192, body @ ..]) => (head & 0x3f, usize::from(*one), body),
            (0xc0, _, [one @ 192..224, two, body @ ..]) => {
                (head & 0x3f, (usize::from(*one) - 192) * 256 + usize::from(*two) + 192, body)
            }
            (0x80, 0, [one, body @ ..]) => (head >> 2 & 0xf, usize::from(*one), body),
            (0x80, 1, [one, two, body @ ..]) => (head >> 2 & 0xf, usize::from(u16::from_be_bytes([*one, *two])), body),
            _ => return Err(Refusal::NoSignature),
        };
        rest = match body.get(length..) {
            Some(rest) if tag == SIGNATURE => rest,
            _ => return Err(Refusal::NoSignature),
        };
    }
    Ok(())
}

/// The one signature in ASCII armor of a text (RFC 9580, 6.2).
fn dearmor(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once("-----BEGIN PGP SIGNATURE-----")?;
    let (block, after) = rest.split_once("-----END PGP SIGNATURE-----")?;
    let lines = block.lines().skip(1).map(str::trim).skip_while(|line| !line.is_empty());
    let body: String = lines.take_while(|line| !line.starts_with('=')).collect();
    let is_alone = !after.contains("-----BEGIN");
    base64::engine::general_purpose::STANDARD.decode(body).ok().filter(|_| is_alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sequence_of_signatures_is_not_shown_to_gpgv() {
        let old = [0x88, 3, 1, 2, 3];
        let long = [&[0x89, 1, 0][..], &[0; 256]].concat();
        let new = [0xc2, 3, 1, 2, 3];
        let new_long = [&[0xc2, 192, 8][..], &[0; 200]].concat();
        let two = [&old[..], &new, &long, &new_long].concat();
        let armor = "-----BEGIN PGP SIGNATURE-----\nVersion: x\n\niAMBAgM=\n=abcd\n-----END PGP SIGNATURE-----\n";
        for good in
            [&old[..], &long, &new, &new_long, &two, armor.as_bytes(), armor.replace("Version: x\n", "").as_bytes()]
        {
            assert_eq!(only_signatures(good), Ok(()), "{good:?}");
        }
        for (what, bad) in [
            ("nothing", &b""[..]),
            ("text", b"hello"),
            ("packed", &[0xa3, 1, 0, 0]),
            ("packed, of known length", &[0xa0, 2, 1, 0]),
            ("packed, in the new way", &[0xc8, 2, 1, 0]),
            ("in parts", &[0xc2, 0xe1, 1, 2]),
            ("cut", &[0x88, 3, 1]),
            ("something behind it", &[0x88, 1, 1, 0xa3, 1]),
            ("two in armor", [armor, armor].concat().as_bytes()),
            ("packed in armor", armor.replace("iAMBAgM=", "owEAAA==").as_bytes()),
        ] {
            assert!(only_signatures(bad).is_err(), "{what}");
        }
    }
}
