// SPDX-License-Identifier: GPL-3.0-or-later
//! The status lines of gpgv (GnuPG's doc/DETAILS).

use super::refusal::Refusal;
use crate::types::Timestamp;

/// Hash algorithms of RFC 9580 that a signature may use: SHA-256, SHA-384, SHA-512, SHA-224, SHA3-256, SHA3-512.
const HASHES: [&str; 6] = ["8", "9", "10", "11", "12", "14"];

/// The content of the status lines. All those of a good signature must be there, once, and no others.
pub(super) fn judge(status: &str, fingerprint: &str, now: Timestamp) -> Result<(), Refusal> {
    let (mut new, mut good, mut valid) = (0, 0, 0);
    for line in status.lines() {
        let Some(words) = line.strip_prefix("[GNUPG:] ") else {
            return Err(Refusal::NoStatusLine);
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
            "NO_PUBKEY" => return Err(Refusal::OtherKey),
            "ERRSIG" => return Err(not_checked(&words.collect::<Vec<_>>(), now)),
            "BADSIG" => return Err(Refusal::OtherFile),
            "EXPSIG" => return Err(Refusal::Expired { now }),
            "EXPKEYSIG" => return Err(Refusal::KeyExpired { when: None, now }),
            "KEYEXPIRED" => {
                return Err(Refusal::KeyExpired { when: time(words.next()), now });
            }
            "REVKEYSIG" | "KEYREVOKED" => return Err(Refusal::KeyRevoked),
            "NODATA" | "UNEXPECTED" => return Err(Refusal::NoSignature),
            "PLAINTEXT" | "PLAINTEXT_LENGTH" => {
                return Err(Refusal::Inline);
            }
            other => return Err(Refusal::UnknownWord(other.to_owned())),
        }
    }
    match (new, good, valid) {
        (1, 1, 1) => Ok(()),
        (0 | 1, 0, 0) => Err(Refusal::NoneGood),
        _ => Err(Refusal::Several),
    }
}

/// `ERRSIG` key id, key algorithm, hash algorithm, class, time, code, fingerprint. Code 9 means that the key is not
/// there. A key that is there but not usable was made in the future, by the clock.
fn not_checked(words: &[&str], now: Timestamp) -> Refusal {
    let [_, _, _, _, made, code, ..] = words else { return Refusal::OtherKey };
    match time(Some(made)) {
        _ if *code == "9" => Refusal::OtherKey,
        Some(made) if made > now => Refusal::MadeLater { made, now },
        _ => Refusal::NotChecked((*code).to_owned()),
    }
}

/// Seconds since 1970; only ISO 8601 has characters other than digits, and gpgv writes it for times out of range.
fn time(word: Option<&str>) -> Option<Timestamp> {
    word?.parse().ok().map(Timestamp::from_unix)
}

/// `VALIDSIG` fingerprint, date, timestamp, expiry, version, reserved, key algorithm, hash algorithm, class, primary key.
fn check_valid(words: &[&str], fingerprint: &str) -> Result<(), Refusal> {
    let [_, _, _, _, _, _, _, hash, class, primary, ..] = words else {
        return Err(Refusal::UnknownForm);
    };
    if *primary != fingerprint {
        return Err(Refusal::NotPinned { found: (*primary).to_owned(), pinned: fingerprint.to_owned() });
    }
    if !HASHES.contains(hash) {
        return Err(Refusal::WeakHash((*hash).to_owned()));
    }
    if !matches!(*class, "00" | "01") {
        return Err(Refusal::NotOverFile);
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
        let said = |status: &str, now| judge(status, KEY, Timestamp::from_unix(now)).unwrap_err().to_string();
        // As gpgv 2.2 writes it of a good signature on a machine whose clock is before its key.
        let early = format!(
            "[GNUPG:] NEWSIG\n[GNUPG:] KEY_CONSIDERED {KEY} 0\n[GNUPG:] ERRSIG 5B106C736FEDFC85 22 8 00 1795897040 6 {KEY}\n"
        );
        let words = said(&early, 60);
        assert!(words.contains("made on 2026-11-28T20:17:20Z") && words.contains("1970-01-01T00:01:00Z"), "{words}");
        assert!(said(&early, 1_800_000_000).contains("code 6"));
        let other = "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG D0D531E3AB42DA1A 22 8 00 1590969600 9 -\n[GNUPG:] NO_PUBKEY D0D531E3AB42DA1A\n";
        assert_eq!(judge(other, KEY, Timestamp::from_unix(60)), Err(Refusal::OtherKey));
        let late = "[GNUPG:] NEWSIG\n[GNUPG:] KEYEXPIRED 1609372800\n[GNUPG:] EXPKEYSIG 1 x\n";
        let words = said(late, 4_000_000_000);
        assert!(words.contains("expired on 2020-12-31T00:00:00Z") && words.contains("2096-10-02"), "{words}");
    }
}
