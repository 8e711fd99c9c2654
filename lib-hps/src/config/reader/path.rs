// SPDX-License-Identifier: GPL-3.0-or-later
//! The keys and places that lead to a value.

use std::fmt;

/// From the file's beginning on; empty is the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Path(Vec<Step>);

/// One step of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Into a table.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl Path {
    /// `rule.0.serial`.
    pub(super) fn from_dotted(text: &str) -> Self {
        let step = |part: &str| part.parse().map_or_else(|_| Step::Key(part.to_owned()), Step::Index);
        Self(text.split('.').filter(|part| !part.is_empty()).map(step).collect())
    }

    pub(super) fn key(&self, name: &str) -> Self {
        self.with(Step::Key(name.to_owned()))
    }

    pub(super) fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The table or list that it is in, and the last step.
    pub(super) fn split_last(&self) -> Option<(Self, &Step)> {
        let (last, above) = self.0.split_last()?;
        Some((Self(above.to_vec()), last))
    }

    /// Whether it is this one or below it.
    pub(super) fn is_within(&self, above: &Self) -> bool {
        self.0.starts_with(&above.0)
    }

    /// Whether one of them is inside the other.
    pub(super) fn is_related(&self, other: &Self) -> bool {
        self.is_within(other) || other.is_within(self)
    }

    /// Whether a text such as `types.*.distro` matches it.
    pub(super) fn is_like(&self, pattern: &str) -> bool {
        let parts: Vec<&str> = pattern.split('.').collect();
        parts.len() == self.0.len()
            && parts
                .iter()
                .zip(&self.0)
                .all(|(part, step)| *part == "*" || matches!(step, Step::Key(name) if name == part))
    }
}

/// Only the keys: the line shows which element of a list it is.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.0.iter().filter_map(|step| match step {
            Step::Key(name) => Some(name.as_str()),
            Step::Index(_) => None,
        });
        f.write_str(&keys.collect::<Vec<_>>().join("."))
    }
}
