// SPDX-License-Identifier: GPL-3.0-or-later
//! Changes to an existing cluster file: only the values that differ.
//!
//! The comments, the order and the layout of the file belong to its administrator. The generated texts of the cluster
//! before and after show which values differ ([`changes`]). Each change is one cut in the text ([`cut`], [`section`],
//! [`list`]). If a table is written in one line or with dotted keys, the change goes through `toml_edit` ([`inline`]).
//! The result is read again: a text with another meaning than the new cluster is never returned.

mod changes;
mod cut;
mod generated;
mod inline;
mod list;
mod section;
mod spans;
#[cfg(test)]
mod tests;

use super::{Cluster, ClusterError};
use changes::Change;
use generated::Generated;

/// Why a cluster file cannot be edited in place. The file is unchanged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EditError {
    /// It is not a cluster file.
    #[error(transparent)]
    Content(#[from] ClusterError),
    /// The place of a key cannot be found or written.
    #[error("{key} cannot be changed in place; change it in the file by hand")]
    Place {
        /// As in `network.gateway`.
        key: String,
    },
    /// All changes were made, but the file still has another meaning.
    #[error("it cannot be changed in place; change it by hand")]
    Differs,
}

impl Cluster {
    /// The text of this cluster's file, made from the text that the file has now: only the values that differ are changed.
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn edit_text(&self, text: &str) -> Result<String, EditError> {
        let before = Self::parse(text)?;
        let (old, new) = (before.to_text(), self.to_text());
        let (old, new) = (Generated::read(&old), Generated::read(&new));
        let mut text = text.to_owned();
        for change in Change::between(&old, &new) {
            text = change.apply(&text, &new).ok_or_else(|| EditError::Place { key: change.key() })?;
        }
        match Self::parse(&text) {
            Ok(cluster) if cluster == *self => Ok(text),
            _ => Err(EditError::Differs),
        }
    }
}
