// SPDX-License-Identifier: GPL-3.0-or-later
//! A value for each key that must be given.

use super::path::Path;

/// Patterns and values in TOML: for messages, and for readings after one in which the key was wrong or missing. In a pattern `*` is any
/// key, and any element of a list.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Samples(pub(in crate::config) &'static [(&'static str, &'static str)]);

impl Samples {
    /// That of a key.
    pub(super) fn for_path(self, path: &Path) -> Option<&'static str> {
        self.0.iter().find(|(pattern, _)| path.is_like(pattern)).map(|(_, sample)| *sample)
    }
}
