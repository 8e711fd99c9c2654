// SPDX-License-Identifier: GPL-3.0-or-later
//! SHA-256 (FIPS 180-4), and its 64 lower-case hex digits.

use super::{Invalid, serde_as_text};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::Read;
use std::str::FromStr;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256Digest([u8; 32]);

impl Sha256Digest {
    /// A digest that was computed elsewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// Of bytes in memory.
    pub fn hash(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of all bytes from `reader`, and how many there were.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn hash_reader(mut reader: impl Read) -> std::io::Result<(Self, u64)> {
        let mut hash = Sha256::new();
        let mut buffer = vec![0u8; 1 << 20];
        let mut size = 0u64;
        loop {
            let count = match reader.read(&mut buffer) {
                Ok(0) => return Ok((Self(hash.finalize().into()), size)),
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hash.update(buffer.get(..count).unwrap_or_default());
            size += count as u64;
        }
    }
}

impl FromStr for Sha256Digest {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("SHA-256 digest", text, "expected 64 hex digits");
        if text.len() != 64 {
            return Err(invalid());
        }
        let mut digest = [0u8; 32];
        for (octet, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
            for digit in pair {
                let value = (*digit as char).to_digit(16).and_then(|v| u8::try_from(v).ok()).ok_or_else(invalid)?;
                *octet = *octet << 4 | value;
            }
        }
        Ok(Self(digest))
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for octet in self.0 {
            write!(f, "{octet:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

serde_as_text!(Sha256Digest);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_abc_is_that_of_the_standard() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Sha256Digest::hash(b"abc").to_string(), expected);
        let (digest, size) = Sha256Digest::hash_reader(&b"abc"[..]).unwrap();
        assert_eq!((digest.to_string().as_str(), size), (expected, 3));
        assert!(expected.to_uppercase().parse::<Sha256Digest>().is_ok());
        assert!(expected.get(1..).unwrap().parse::<Sha256Digest>().is_err());
    }
}
