// SPDX-License-Identifier: GPL-3.0-or-later
//! gpgv(1): whether a detached signature over a file is good, made by one pinned key.
//!
//! Its exit code says too little: it is 0 for an expired key, a revoked key and a SHA-1 signature. So its status lines
//! (GnuPG's doc/DETAILS) are read, each of them must be one that a good signature has, and the one that names the key must
//! name the pinned one in full.
//!
//! Keys and signatures have times, and gpgv looks at the clock of this machine. What it refuses for that is told with both times,
//! since a clock that is wrong is the more frequent cause.

use super::{ExecError, Limit, Run};
use crate::types::Timestamp;
use base64::Engine as _;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Why a signature does not count.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// It could not be checked.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// It is not good, or not by the pinned key.
    #[error("{0}")]
    Refused(String),
}

/// The refusal of a signature that may be good, by a key that is not the pinned one.
pub const OTHER_KEY: &str = "it was made by another key than the pinned one";

/// Checks the detached `signature` over `data` with `keyring`, which should hold nothing but the pinned key in binary form.
/// `fingerprint` is that of its primary key, 40 upper-case hex digits.
///
/// # Errors
/// See [`SignatureError`]. When `stop` is set meanwhile. Nothing but `Ok` means that the data is what the holder of the key signed.
pub fn verify(
    keyring: &Path,
    fingerprint: &str,
    signature: &Path,
    data: &Path,
    stop: &AtomicBool,
) -> Result<(), SignatureError> {
    let read = |source| ExecError::Start { program: "gpgv", source };
    let mut bytes = Vec::new();
    std::fs::File::open(signature).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)).map_err(read)?;
    only_signatures(&bytes).map_err(SignatureError::Refused)?;
    let called = Run::new("gpgv", "gpgv")
        // A home of its own: no configuration and no keyring of the user takes part.
        .args(["--homedir", "/nonexistent", "--status-fd", "1", "--keyring"])
        .path(keyring)
        .arg("--")
        .path(signature)
        .path(data)
        .ended(LIMIT, stop);
    let output = match called {
        // Whoever made the signature made it so: that is no fault of this machine.
        Err(error @ (ExecError::Late { .. } | ExecError::Output { .. })) => {
            return Err(SignatureError::Refused(format!("it holds more than one signature: {error}")));
        }
        called => called?,
    };
    let status = String::from_utf8_lossy(&output.stdout);
    judge(&status, fingerprint, Timestamp::now()).map_err(SignatureError::Refused)?;
    if output.status.success() {
        return Ok(());
    }
    Err(SignatureError::Refused(format!("gpgv ended with {}", output.status)))
}

/// More than any file of one signature has.
const LARGEST: u64 = 1 << 20;

/// A detached signature is a sequence of signature packets (RFC 9580, 4.2). gpgv also reads packets that are packed into others, and a few
/// kilobytes of these can be more signatures than it checks in an hour.
fn only_signatures(bytes: &[u8]) -> Result<(), String> {
    const SIGNATURE: u8 = 2;
    const NONE: &str = "it is no detached signature";
    let armored = String::from_utf8_lossy(bytes);
    let unpacked = if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.to_vec()
    } else {
        dearmor(&armored).ok_or(NONE)?
    };
    let mut rest = unpacked.as_slice();
    if rest.is_empty() {
        return Err(NONE.to_owned());
    }
    while let [head, body @ ..] = rest {
        let (tag, length, body) = match (head & 0xc0, head & 3, body) {
            (0xc0, _, [one @ 0..192, body @ ..]) => (head & 0x3f, usize::from(*one), body),
            (0xc0, _, [one @ 192..224, two, body @ ..]) => {
                (head & 0x3f, (usize::from(*one) - 192) * 256 + usize::from(*two) + 192, body)
            }
            (0x80, 0, [one, body @ ..]) => (head >> 2 & 0xf, usize::from(*one), body),
            (0x80, 1, [one, two, body @ ..]) => (head >> 2 & 0xf, usize::from(u16::from_be_bytes([*one, *two])), body),
            _ => return Err(NONE.to_owned()),
        };
        rest = match body.get(length..) {
            Some(rest) if tag == SIGNATURE => rest,
            _ => return Err(NONE.to_owned()),
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

/// The words on one signature are some hundred bytes, and it is checked in far less than a second. A few kilobytes that are packed can
/// hold thousands of signatures.
const LIMIT: Limit = Limit::CHECK.bytes(1 << 14);

/// Hash algorithms of RFC 9580 that a signature may use: SHA-256, SHA-384, SHA-512, SHA-224, SHA3-256, SHA3-512.
const HASHES: [&str; 6] = ["8", "9", "10", "11", "12", "14"];

/// What the status lines say. All of a good signature's must be there, once, and nothing else.
fn judge(status: &str, fingerprint: &str, now: Timestamp) -> Result<(), String> {
    let (mut new, mut good, mut valid) = (0, 0, 0);
    for line in status.lines() {
        let Some(words) = line.strip_prefix("[GNUPG:] ") else {
            return Err("gpgv wrote something that is no status line".to_owned());
        };
        let mut words = words.split(' ');
        match words.next().unwrap_or_default() {
            "NEWSIG" => new += 1,
            "KEY_CONSIDERED" | "SIG_ID" | "VERIFICATION_COMPLIANCE_MODE" => {}
            "GOODSIG" => good += 1,
            "VALIDSIG" => {
                valid += 1;
                check_valid(&words.collect::<Vec<_>>(), fingerprint)?;
            }
            "NO_PUBKEY" => return Err(OTHER_KEY.to_owned()),
            "ERRSIG" => return Err(not_checked(&words.collect::<Vec<_>>(), now)),
            "BADSIG" => return Err("the signature does not fit the file".to_owned()),
            "EXPSIG" => return Err(format!("the signature has expired, {}", clock(now))),
            "EXPKEYSIG" => return Err(format!("its key has expired, {}", clock(now))),
            "KEYEXPIRED" => {
                let when = time(words.next()).map_or_else(String::new, |when| format!(" on {when}"));
                return Err(format!("its key has expired{when}, {}", clock(now)));
            }
            "REVKEYSIG" | "KEYREVOKED" => return Err("its key was revoked".to_owned()),
            "NODATA" | "UNEXPECTED" => return Err("it is no detached signature".to_owned()),
            "PLAINTEXT" | "PLAINTEXT_LENGTH" => {
                return Err("it is signed inline: such a file proves only itself".to_owned());
            }
            other => return Err(format!("gpgv said {other:.40}, which no good signature has")),
        }
    }
    match (new, good, valid) {
        (1, 1, 1) => Ok(()),
        (0 | 1, 0, 0) => Err("gpgv found no good signature".to_owned()),
        _ => Err("it holds more than one signature".to_owned()),
    }
}

/// `ERRSIG` key id, key algorithm, hash algorithm, class, time, code, fingerprint. Code 9 says that the key is not there. One that is
/// there and of no use is one that is made in the future, as the clock says.
fn not_checked(words: &[&str], now: Timestamp) -> String {
    let [_, _, _, _, made, code, ..] = words else { return OTHER_KEY.to_owned() };
    match time(Some(made)) {
        _ if *code == "9" => OTHER_KEY.to_owned(),
        Some(made) if made > now => format!("it was made on {made}, which is to come, {}", clock(now)),
        _ => format!("gpgv cannot check it (code {code:.8})"),
    }
}

/// Seconds since 1970; only ISO 8601 has other characters than digits, and gpgv writes that where these do not suffice.
fn time(word: Option<&str>) -> Option<Timestamp> {
    word?.parse().ok().map(Timestamp::from_unix)
}

fn clock(now: Timestamp) -> String {
    format!("and the clock here says {now}; where that is not the time, set the clock with: timedatectl set-ntp true")
}

/// `VALIDSIG` fingerprint, date, timestamp, expiry, version, reserved, key algorithm, hash algorithm, class, primary key.
fn check_valid(words: &[&str], fingerprint: &str) -> Result<(), String> {
    let [_, _, _, _, _, _, _, hash, class, primary, ..] = words else {
        return Err("gpgv described the signature in an unknown way".to_owned());
    };
    if *primary != fingerprint {
        return Err(format!("it was made by key {primary:.40}, not by the pinned {fingerprint}"));
    }
    if !HASHES.contains(hash) {
        return Err(format!("it uses hash algorithm {hash:.8}, which is too weak"));
    }
    if !matches!(*class, "00" | "01") {
        return Err("it is no signature over a file".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "FC226859C0860BF0DDB95B085B106C736FEDFC85";

    fn good() -> String {
        format!(
            "[GNUPG:] NEWSIG\n[GNUPG:] KEY_CONSIDERED {KEY} 0\n[GNUPG:] SIG_ID x 2026-01-01 1\n[GNUPG:] GOODSIG 5B106C736FEDFC85 Release\n[GNUPG:] VALIDSIG {KEY} 2026-01-01 1 0 4 0 1 8 00 {KEY}\n"
        )
    }

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

    #[test]
    fn only_one_good_signature_by_the_pinned_key_counts() {
        let judge = |status: &str| judge(status, KEY, Timestamp::from_unix(1_700_000_000));
        assert_eq!(judge(&good()), Ok(()));
        let other = "A".repeat(40);
        for (what, status) in [
            ("nothing", String::new()),
            ("another key", good().replace(&format!("00 {KEY}"), &format!("00 {other}"))),
            ("an expired key", good().replace("GOODSIG", "EXPKEYSIG")),
            ("a revoked key", good().replace("GOODSIG", "REVKEYSIG")),
            ("expired", good().replace("GOODSIG", "EXPSIG")),
            ("a warning beside it", good() + "[GNUPG:] KEYREVOKED\n"),
            ("two signatures", good() + &good()),
            ("a bad one beside it", good() + "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG 1 x\n"),
            ("an unknown one beside it", good() + "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG 1\n[GNUPG:] NO_PUBKEY 1\n"),
            ("SHA-1", good().replace(" 8 00 ", " 2 00 ")),
            ("a key signature", good().replace(" 8 00 ", " 8 13 ")),
            ("inline", good() + "[GNUPG:] PLAINTEXT 62 0 x\n"),
            ("no data", "[GNUPG:] NODATA 4\n".to_owned()),
            ("a word of tomorrow", good() + "[GNUPG:] TOMORROWSIG\n"),
            ("good without valid", good().lines().filter(|l| !l.contains("VALIDSIG")).collect::<Vec<_>>().join("\n")),
            ("valid without good", good().lines().filter(|l| !l.contains("GOODSIG")).collect::<Vec<_>>().join("\n")),
            ("no status line", format!("hello\n{}", good())),
        ] {
            assert!(judge(&status).is_err(), "{what}");
        }
    }

    #[test]
    fn a_wrong_clock_is_named_with_its_time() {
        let said = |status: &str, now| judge(status, KEY, Timestamp::from_unix(now)).unwrap_err();
        // As gpgv 2.2 writes it of a good signature on a machine whose clock is before its key.
        let early = format!(
            "[GNUPG:] NEWSIG\n[GNUPG:] KEY_CONSIDERED {KEY} 0\n[GNUPG:] ERRSIG 5B106C736FEDFC85 22 8 00 1795897040 6 {KEY}\n"
        );
        let words = said(&early, 60);
        assert!(words.contains("made on 2026-11-28T20:17:20Z") && words.contains("1970-01-01T00:01:00Z"), "{words}");
        assert!(said(&early, 1_800_000_000).contains("code 6"));
        let other = "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG D0D531E3AB42DA1A 22 8 00 1590969600 9 -\n[GNUPG:] NO_PUBKEY D0D531E3AB42DA1A\n";
        assert_eq!(said(other, 60), OTHER_KEY);
        let late = "[GNUPG:] NEWSIG\n[GNUPG:] KEYEXPIRED 1609372800\n[GNUPG:] EXPKEYSIG 1 x\n";
        let words = said(late, 4_000_000_000);
        assert!(words.contains("expired on 2020-12-31T00:00:00Z") && words.contains("2096-10-02"), "{words}");
    }
}
