// SPDX-License-Identifier: GPL-3.0-or-later
//! Settings that are well-formed, but contradict others or cannot be carried out by this version.

/// Such a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    keys: Vec<String>,
    problem: String,
}

impl SettingError {
    /// `keys` are the compared settings; a message is about the first.
    pub(super) fn new(keys: &[&str], problem: String) -> Self {
        Self { keys: keys.iter().map(|key| (*key).to_owned()).collect(), problem }
    }

    /// As in `install.max_attempts`; `rule.0` is the first rule.
    pub fn key(&self) -> &str {
        self.keys.first().map_or("", String::as_str)
    }

    /// What is wrong, with the key, and what to do.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The setting, and those that it was compared with.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }
}

/// Several, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct SettingErrors(Vec<SettingError>);

impl SettingErrors {
    /// Adds one; an equal message about the same key is not added again.
    pub(super) fn add(&mut self, keys: &[&str], problem: String) {
        let error = SettingError::new(keys, problem);
        if !self.0.contains(&error) {
            self.0.push(error);
        }
    }

    /// Whether one of them is at this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|error| error.key() == key)
    }

    /// All of them.
    pub(super) fn into_vec(self) -> Vec<SettingError> {
        self.0
    }
}
