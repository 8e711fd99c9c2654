// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of a host: one DNS label (RFC 1123), lower case.

use super::{all_bytes, checked_text};

checked_text! {
    /// One lower-case DNS label that begins with a letter.
    ///
    /// Words that `dhcp-host` of dnsmasq reads as something else than a name are refused; lease times
    /// such as `12h` are too, since they begin with a digit; `ips` is the name of this node.
    HostName, "host name",
    "expected 1 to 63 of a-z, 0-9 and '-', beginning with a letter, ending with a letter or digit, and no reserved word",
    |text| {
        all_bytes(text, 63, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !matches!(text, "ignore" | "infinite" | "deprecated" | "localhost" | "ips")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["sch-001", "a"] {
            assert!(good.parse::<HostName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "SCH-001",
            "12h",
            "ignore",
            "infinite",
            "ips",
            "-a",
            "a-",
            "a.b",
            "a b",
            "a\n",
            "a,b",
            "..",
            "caf\u{e9}",
        ] {
            assert!(bad.parse::<HostName>().is_err(), "{bad:?}");
        }
    }
}
