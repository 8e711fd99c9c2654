// SPDX-License-Identifier: GPL-3.0-or-later
//! Changes in memory after each mistake, so that the rest of the file can be read.

use super::document::Document;
use super::failure::{Failure, What};
use super::names::Names;
use super::path::{Path, Step};
use super::samples::Samples;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::DeValue;

/// The changes.
pub(super) struct Repairs {
    samples: Samples,
    /// Keys and elements that count as missing.
    left_out: BTreeSet<Path>,
    /// Keys that are read under another name.
    names: Names,
    /// Keys that get a value.
    filled: BTreeMap<Path, Spanned<DeValue<'static>>>,
    /// Settings that differ from the file although they are correct themselves.
    doubtful: BTreeSet<Path>,
}

impl Repairs {
    pub(super) fn new(samples: Samples) -> Self {
        Self {
            samples,
            left_out: BTreeSet::new(),
            names: Names::default(),
            filled: BTreeMap::new(),
            doubtful: BTreeSet::new(),
        }
    }

    /// The sample for a required key.
    pub(super) fn sample(&self, path: &Path) -> Option<&'static str> {
        self.samples.for_path(path)
    }

    /// A key whose line cannot be read counts as missing.
    pub(super) fn add_left_out(&mut self, path: Path) {
        self.left_out.insert(path);
    }

    pub(super) fn leave_out(&self, path: &Path) -> bool {
        self.left_out.contains(path)
    }

    /// The names by which keys are read.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// The samples that belong into a table.
    pub(super) fn samples_in(&self, table: &Path) -> Vec<(&str, Path, &DeValue<'_>)> {
        let filled = self.filled.iter().filter_map(|(path, value)| match path.steps().split_last() {
            Some((Step::Key(name), above)) if above == table.steps() => {
                Some((name.as_str(), path.clone(), value.get_ref()))
            }
            _ => None,
        });
        filled.collect()
    }

    /// Whether a setting differs from the file.
    pub(super) fn touch(&self, setting: &Path) -> bool {
        let mut all = self.left_out.iter().chain(self.filled.keys()).chain(&self.doubtful);
        all.any(|path| path.is_related(setting))
    }

    /// Whether an earlier mistake is the reason for a failure: a wrong value was left out, or a key has another name.
    pub(super) fn explain(&self, failure: &Failure) -> bool {
        let What::MissingKey(name) = failure.what else { return false };
        let path = failure.path.key(name);
        self.left_out.contains(&path)
            || self.doubtful.contains(&path)
            || self.filled.keys().any(|filled| path.is_within(filled))
    }

    /// Repairs a failure. `false` if it cannot.
    pub(super) fn repair(&mut self, document: &Document<'_>, failure: Failure) -> bool {
        let meant = failure.meant();
        let Failure { what, path, .. } = failure;
        if let What::MissingKey(name) = what {
            return self.fill(path.key(name));
        }
        let Some((above, step)) = path.split_last() else { return false };
        match meant {
            Some(name) if document.has(&above.key(name), &self.names) => {}
            // Also checks the settings in it.
            Some(name) if document.is_section(&path, &self.names) => return self.names.add(path, name),
            Some(name) => {
                self.doubtful.insert(above.key(name));
            }
            None => {}
        }
        // Later elements then have another place.
        if matches!(step, Step::Index(_)) {
            self.doubtful.insert(above);
        }
        self.left_out.insert(path)
    }

    fn fill(&mut self, path: Path) -> bool {
        match self.sample(&path).map(DeValue::parse) {
            Some(Ok(value)) => self.filled.insert(path, value).is_none(),
            _ => false,
        }
    }
}
