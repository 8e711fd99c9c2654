// SPDX-License-Identifier: GPL-3.0-or-later
//! The full name of an OpenPGP key.

use super::{all_bytes, checked_text};

checked_text! {
    /// The fingerprint of a primary key, version 4 (RFC 9580, 5.5.4): 40 upper-case hex digits.
    Fingerprint, "fingerprint",
    "expected 40 upper-case hex digits",
    |text| text.len() == 40 && all_bytes(text, 40, |b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'))
}
