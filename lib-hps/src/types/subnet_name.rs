// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of a subnet behind a relay.

use super::{all_bytes, checked_text};

checked_text! {
    /// It is a part of a tag of dnsmasq and of an argument, so it is short and has no separators.
    SubnetName, "subnet name",
    "expected 1 to 32 of a-z, A-Z, 0-9, '_' and '-', beginning with a letter or a digit",
    |text| all_bytes(text, 32, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}
