// SPDX-License-Identifier: GPL-3.0-or-later
//! A value for each required key.

use super::path::Path;

/// Patterns and values in TOML: for messages, and for further readings after a wrong or missing key. In a pattern `*`
/// stands for any key and any element of a list.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Samples(pub(in crate::config) &'static [(&'static str, &'static str)]);

impl Samples {
    /// That of a key.
    pub(super) fn for_path(self, path: &Path) -> Option<&'static str> {
        self.0.iter().find(|(pattern, _)| path.is_like(pattern)).map(|(_, sample)| *sample)
    }
}
