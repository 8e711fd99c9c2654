// SPDX-License-Identifier: GPL-3.0-or-later
//! Why serde did not read a value, as data.

use super::path::{Path, Step};
use crate::types::nearest;
use serde::de::{Error, Expected, Unexpected};
use std::fmt;

/// A mistake, and where.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) what: What,
    /// The path of the value, or of the table in which a key is missing.
    pub(super) path: Path,
    placed: bool,
}

/// The kinds of mistakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The table has no such key.
    UnknownKey(&'static [&'static str]),
    /// The table must have this key.
    MissingKey(&'static str),
    /// The name of a key is refused for this reason.
    BadKey(String),
    /// The value has another form.
    Form(Form),
    /// The value's own type refuses it for this reason.
    Refused(String),
}

/// What form a value must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Bool,
    /// Up to 65535.
    Short,
    Number,
    List,
    Table,
    /// serde's type did not name it.
    Other,
}

impl Failure {
    fn new(what: What) -> Self {
        Self { what, path: Path::default(), placed: false }
    }

    pub(super) fn form(form: Form) -> Self {
        Self::new(What::Form(form))
    }

    /// A value of the right TOML type that serde refuses: out of its bounds.
    pub(super) fn or_form(self, form: Form) -> Self {
        match self.what {
            What::Form(Form::Other) if !self.placed => Self::form(form),
            _ => self,
        }
    }

    /// The known key that an unknown one resembles.
    pub(super) fn meant(&self) -> Option<&'static str> {
        let What::UnknownKey(known) = self.what else { return None };
        let Some(Step::Key(name)) = self.path.steps().last() else { return None };
        nearest(name, known.iter().copied())
    }

    /// Sets the place, unless an inner value has set it.
    pub(super) fn at(self, path: &Path) -> Self {
        if self.placed { self } else { Self { path: path.clone(), placed: true, ..self } }
    }

    /// The same for the name of a key.
    pub(super) fn at_key(self, path: &Path) -> Self {
        let what = match self.what {
            What::Refused(why) => What::BadKey(why),
            other => other,
        };
        Self { what, ..self }.at(path)
    }
}

impl Error for Failure {
    /// A message names key and value by itself, so this returns the short form of a reason if there is one.
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::new(What::Refused(format!("{why:#}")))
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::form(Form::Other)
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::form(Form::Other)
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::form(Form::Other)
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Self::new(What::UnknownKey(known))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(What::MissingKey(name))
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.path, self.what)
    }
}
