// SPDX-License-Identifier: GPL-3.0-or-later
//! Serials and UUIDs that name no machine: makers of boards leave them in SMBIOS (DMTF DSP0134), the same in each.

/// Serials, in lower case and without characters other than letters and digits.
const SERIALS: [&str; 29] = [
    "tobefilledbyoem",
    "tobefilledbyo",
    "filledbyoem",
    "defaultstring",
    "systemserialnumber",
    "serialnumber",
    "chassisserialnumber",
    "baseboardserialnumber",
    "boardserialnumber",
    "systemserial",
    "sernum",
    "notspecified",
    "notapplicable",
    "notavailable",
    "notpresent",
    "notset",
    "unknown",
    "undefined",
    "invalid",
    "empty",
    "none",
    "null",
    "na",
    "oem",
    "default",
    "serial",
    "0123456789",
    "0123456789abcdef",
    "noserialnumber",
];
/// UUIDs, in lower case and without characters other than letters and digits.
const UUIDS: [&str; 9] = [
    "03000200040005000006000700080009",
    "00020003000400050006000700080009",
    "12345678123456789abcdef012345678",
    "123456781234567890abcddeefaabbcc",
    "00112233445566778899aabbccddeeff",
    "11111111222233334444555555555555",
    "4c4c454400002010802080c04f202020",
    "fefefefefefefefefefefefefefefefe",
    "aaaaaaaabbbbccccddddeeeeeeeeeeee",
];

/// Whether a serial names no machine.
pub fn is_placeholder_serial(text: &str) -> bool {
    let plain = plain(text);
    is_one_character(&plain) || is_counted(&plain) || SERIALS.contains(&plain.as_str())
}

/// Whether a UUID names no machine.
pub fn is_placeholder_uuid(text: &str) -> bool {
    let plain = plain(text);
    is_one_character(&plain) || UUIDS.contains(&plain.as_str())
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Nothing, or one character again and again.
fn is_one_character(plain: &str) -> bool {
    plain.chars().all(|c| plain.starts_with(c))
}

/// `123`, `12345678`, `1234567890`.
fn is_counted(plain: &str) -> bool {
    plain.len() >= 3 && "1234567890".starts_with(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makers_leave_names_no_machine() {
        for text in [
            "To be filled by O.E.M.",
            "To Be Filled By O.E.M. ",
            "Default string",
            "System Serial Number",
            "Not Specified",
            "N/A",
            "0",
            "00000000",
            "xxxxxxxxxx",
            "..........",
            "----",
            "123456789",
            "0123456789",
            "",
        ] {
            assert!(is_placeholder_serial(text), "{text}");
        }
        for text in [
            "00000000-0000-0000-0000-000000000000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "03000200-0400-0500-0006-000700080009",
        ] {
            assert!(is_placeholder_uuid(text), "{text}");
        }
    }

    #[test]
    fn a_serial_of_a_machine_is_one() {
        for text in ["S1", "LAB-disk", "5CD1234567", "1235", "0012", "7XK29N3", "none-such"] {
            assert!(!is_placeholder_serial(text), "{text}");
        }
        assert!(!is_placeholder_uuid("4c4c4544-0051-3010-8052-b4c04f4e3732"));
    }
}
