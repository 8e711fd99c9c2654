// SPDX-License-Identifier: GPL-3.0-or-later
//! Percent-encoding (RFC 3986, 2.1).

/// Percent-encoding undone.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
        let value = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(value).ok()?);
    }
    // A line feed would end the header that contains it.
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

/// Percent-encoding of all but letters and digits.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
