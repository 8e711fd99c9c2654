// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a file is no whole export of a site.

use std::io;

/// Why an archive is refused, or cannot be written. The caller knows the file's name.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It could not be read.
    #[error("cannot read it")]
    Read(#[source] io::Error),
    /// It could not be written.
    #[error("cannot write it")]
    Write(#[source] io::Error),
    /// It is another kind of file.
    #[error("this is no export of a site: {0}")]
    Foreign(String),
    /// A newer version of HPS made it.
    #[error("it has format {format} of HPS {hps}, and this HPS knows format {known}; upgrade HPS first")]
    TooNew {
        /// Its format.
        format: u32,
        /// The version that made it.
        hps: String,
        /// The newest format that this version reads.
        known: u32,
    },
    /// It is damaged, or somebody changed it.
    #[error("it is damaged: {0}; get another copy")]
    Damaged(String),
    /// A file changed between its digest and its copy.
    #[error("{0} changed while it was exported; try again when no build or download is running")]
    Changed(String),
}
