// SPDX-License-Identifier: GPL-3.0-or-later
//! The parameters of a request. An unknown one and one that comes twice are refused, so that a slip of the pen does not
//! answer another question.

use crate::program::{Ended, Exit};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

/// The parameters that were not taken yet.
#[derive(Debug)]
pub(in crate::hps_web) struct Query(BTreeMap<String, String>);

fn refused(line: String) -> anyhow::Error {
    Ended::error(Exit::Usage, line)
}

impl Query {
    /// # Errors
    /// [`Exit::Usage`] for a parameter that comes twice.
    pub(in crate::hps_web) fn new(pairs: &[(String, String)]) -> anyhow::Result<Self> {
        let mut query = BTreeMap::new();
        for (name, value) in pairs {
            if query.insert(name.clone(), value.clone()).is_some() {
                return Err(refused(format!("the parameter {name} comes twice")));
            }
        }
        Ok(Self(query))
    }

    /// Those that are left.
    pub(in crate::hps_web) fn values(&self) -> BTreeMap<String, String> {
        self.0.clone()
    }

    /// Leaves out those without a value: a form of HTML sends its empty fields too.
    pub(in crate::hps_web) fn drop_empty(&mut self) {
        self.0.retain(|_, value| !value.is_empty());
    }

    /// A value, if it is there.
    ///
    /// # Errors
    /// [`Exit::Usage`] if it is not of this type.
    pub(in crate::hps_web) fn take<T: FromStr<Err: Display>>(&mut self, name: &str) -> anyhow::Result<Option<T>> {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|why| refused(format!("{name}: {why}")))
    }

    /// A number, of those that are permitted.
    ///
    /// # Errors
    /// [`Exit::Usage`] for another text.
    pub(in crate::hps_web) fn number(
        &mut self,
        name: &str,
        permitted: std::ops::RangeInclusive<usize>,
    ) -> anyhow::Result<Option<usize>> {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        // `parse` also takes `+1`.
        let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        number.filter(|number| permitted.contains(number)).map(Some).ok_or_else(|| {
            refused(format!("{name}: expected a number from {} to {}", permitted.start(), permitted.end()))
        })
    }

    /// Values with commas between them; none if it is missing. Words in any case.
    ///
    /// # Errors
    /// [`Exit::Usage`] if one is not of this type.
    pub(in crate::hps_web) fn list<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> anyhow::Result<Vec<T>> {
        let Some(text) = self.0.remove(name) else { return Ok(Vec::new()) };
        let values = text.split(',').map(|word| parse(word.trim()).map_err(|why| refused(format!("{name}: {why}"))));
        values.collect()
    }

    /// # Errors
    /// [`Exit::Usage`] if a parameter is left, which nothing knows.
    pub(in crate::hps_web) fn end(&self) -> anyhow::Result<()> {
        let Some(name) = self.0.keys().next() else { return Ok(()) };
        Err(refused(format!("there is no parameter {name} here; see /api/v1/openapi.json")))
    }
}
