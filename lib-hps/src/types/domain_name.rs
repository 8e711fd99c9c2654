// SPDX-License-Identifier: GPL-3.0-or-later
//! A DNS domain (RFC 1123), lower case, without the final dot.

use super::checked_text;

checked_text! {
    /// Labels of a-z, 0-9 and '-', joined by dots, at most 200 bytes in all.
    DomainName, "domain name",
    "expected lower-case DNS labels joined by dots, such as hps.internal",
    |text| {
        !text.is_empty()
            && text.len() <= 200
            && text.split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            })
    }
}
