// SPDX-License-Identifier: GPL-3.0-or-later
//! The text of a ticket or token: `<attempt>-<expiry>-<hmac>`.
//!
//! Attempt and expiry are in clear, because no token is stored; the HMAC proves both.

use super::{Invalid, Sha256Digest, Timestamp};
use std::fmt;
use std::str::FromStr;

/// A ticket or token, well-formed but not yet proven.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Which attempt of an installation it is for, from 1.
    pub attempt: u32,
    /// When it expires.
    pub expires: Timestamp,
    /// HMAC-SHA256.
    pub proof: Sha256Digest,
}

impl FromStr for Token {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parse = || {
            let mut parts = text.split('-');
            let (attempt, expires, proof) = (parts.next()?, parts.next()?, parts.next()?);
            let digits = |part: &str| (1..=12).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if parts.next().is_some()
                || !digits(attempt)
                || !digits(expires)
                || proof.bytes().any(|b| b.is_ascii_uppercase())
            {
                return None;
            }
            let attempt = attempt.parse().ok()?;
            let expires = Timestamp::from_unix(expires.parse().ok()?);
            Some(Self { attempt, expires, proof: proof.parse().ok()? })
        };
        // The message leaves the text out: it may be a secret of another host.
        parse().ok_or_else(|| Invalid::new("token", "", "not of the form that this service gives"))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.attempt, self.expires.as_unix(), self.proof)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token {{ attempt: {}, expires: {} }}", self.attempt, self.expires)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form() {
        let text = format!("2-1795341600-{}", "ab".repeat(32));
        let token: Token = text.parse().unwrap();
        assert_eq!((token.attempt, token.to_string()), (2, text.clone()));
        assert!(!format!("{token:?}").contains("abab"));
        for bad in
            ["", "1-2-3", "+2-1-", &text.to_uppercase(), &format!("{text}-1"), &text.replace('2', "99999999999999")]
        {
            assert!(bad.parse::<Token>().is_err(), "{bad:?}");
        }
    }
}
