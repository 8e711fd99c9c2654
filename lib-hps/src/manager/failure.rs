// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a request is not answered: what the client is told, and what only the log says.

use crate::answer::{AnswerError, Unsuitable};
use crate::boot_context::NoSource;
use crate::config::{RoleError, UnknownType};
use crate::manager::response::Problem;
use crate::media::SourceError;
use crate::permitted::PermittedError;
use crate::store::StoreError;
use crate::types::{Invalid, one_line};

/// A failure: what the client receives, and what only the log has.
pub(crate) struct Failure {
    pub(crate) problem: Problem,
    pub(crate) why: String,
}

impl Failure {
    pub(crate) fn new(problem: Problem, why: impl Into<String>) -> Self {
        Self { problem, why: why.into() }
    }

    /// The sender is not entitled to this. Only the log has the reason.
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::new(Problem::Refused, why)
    }

    /// The state of the host does not permit it now.
    pub(crate) fn not_now(why: impl Into<String>) -> Self {
        Self::new(Problem::NotNow, why)
    }

    fn not_able(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(Problem::NotAble, one_line(error))
    }
}

/// A parameter that is not the value it should be.
impl From<Invalid> for Failure {
    fn from(error: Invalid) -> Self {
        Self::new(Problem::Malformed, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let problem = match &error {
            StoreError::Refused { .. } | StoreError::Reserved { .. } | StoreError::Edit { .. } => Problem::NotNow,
            _ => Problem::NotAble,
        };
        Self { problem, why: one_line(&error) }
    }
}

/// Neither HPS nor the cluster has this type.
impl From<UnknownType> for Failure {
    fn from(error: UnknownType) -> Self {
        Self::new(Problem::Malformed, error.to_string())
    }
}

/// The cluster does not install this.
impl From<RoleError> for Failure {
    fn from(error: RoleError) -> Self {
        Self::not_now(error.to_string())
    }
}

/// Something is wrong on this node: the log has the reason.
macro_rules! not_able {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::not_able(&error)
            }
        }
    )*};
}

not_able!(AnswerError, NoSource, Unsuitable, SourceError, PermittedError);

/// A message without the folders of this node.
pub(crate) fn without_paths(text: &str) -> String {
    let shortened = |word: &str| {
        // A path begins with "/" at the start of a word or after a punctuation mark; the path of a URL follows ":" and
        // a name.
        let (before, path) = word.split_once('/')?;
        let begins = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != ':');
        begins.then(|| format!("{before}{}", path.rsplit('/').next().unwrap_or_default()))
    };
    text.split(' ').map(|word| shortened(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>().join(" ")
}
