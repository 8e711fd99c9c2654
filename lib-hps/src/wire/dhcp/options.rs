// SPDX-License-Identifier: GPL-3.0-or-later

use super::code;

/// The options of a message. An option that occurs several times is one value in parts (RFC 3396).
#[derive(Debug, Default)]
pub(super) struct Options(Vec<(u8, Vec<u8>)>);

impl Options {
    /// Adds those of one field. An option whose length exceeds the field ends it.
    pub(super) fn add(&mut self, field: &[u8]) {
        let mut rest = field;
        while let Some((code, after)) = rest.split_first() {
            rest = after;
            match *code {
                code::PAD => {}
                code::END => return,
                code => {
                    let Some((length, after)) = rest.split_first() else { return };
                    let Some((value, after)) = after.split_at_checked(usize::from(*length)) else { return };
                    rest = after;
                    match self.0.iter_mut().find(|(known, _)| *known == code) {
                        Some((_, parts)) => parts.extend(value),
                        None => self.0.push((code, value.to_vec())),
                    }
                }
            }
        }
    }

    /// The value of an option.
    pub(super) fn get(&self, code: u8) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| *known == code).map(|(_, value)| value.as_slice())
    }

    /// A value of exactly so many bytes.
    pub(super) fn exact<const N: usize>(&self, code: u8) -> Option<[u8; N]> {
        self.get(code)?.try_into().ok()
    }
}
