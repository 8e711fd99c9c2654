// SPDX-License-Identifier: GPL-3.0-or-later
//! What a disk is made of, and the form of its model: the words that a rule and a node use (`disk_kind` and `disk_model` in
//! scripts/node/steps/disk.sh).

use crate::types::text_enum;

text_enum! {
    /// Whether a disk turns.
    DiskKind, "kind of disk",

    /// It has no platters.
    Ssd = "ssd",
    /// It has turning platters.
    Hdd = "hdd",
}

impl DiskKind {
    /// By what the kernel reports.
    pub fn from_rotational(rotational: bool) -> Self {
        if rotational { Self::Hdd } else { Self::Ssd }
    }
}

/// A model as a rule compares it: what is no letter, digit or one of `._:/-` is a `_`, and several are one. None begins or
/// ends it.
pub(super) fn model_of_rule(model: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/-".contains(&byte);
    let mut text = String::new();
    for byte in model.bytes() {
        match (plain(byte), text.ends_with('_')) {
            (true, _) => text.push(char::from(byte)),
            (false, false) => text.push('_'),
            (false, true) => {}
        }
    }
    text.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::model_of_rule;

    #[test]
    fn a_model_is_one_word() {
        for (reported, word) in [
            ("SAMSUNG MZQL23T8HCLS-00A07 ", "SAMSUNG_MZQL23T8HCLS-00A07"),
            ("  PERC  H730__Mini", "PERC_H730_Mini"),
            ("Gr\u{f6}\u{df}e;$(x)", "Gr_e_x"),
            (" ", ""),
        ] {
            assert_eq!(model_of_rule(reported), word, "{reported:?}");
        }
    }
}
