// SPDX-License-Identifier: GPL-3.0-or-later
//! `apt-ftparchive`: the indices of an apt repository, from the packages in a folder (apt-ftparchive(1)).

use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const PROGRAM: &str = "apt-ftparchive";
const PACKAGE: &str = "apt-utils";

/// The text of `Packages` for all packages below `folder/below`, with paths that begin with `below`.
///
/// # Errors
/// When apt-ftparchive is missing, is stopped, or cannot read a package.
pub fn packages(folder: &Path, below: &str, stop: &AtomicBool) -> Result<String, ExecError> {
    call(folder).args(["packages", below]).text(Limit::WORK.bytes(MAX_LIST_BYTES), stop)
}

/// The text of `Release` for the indices below `folder`, with these fields.
///
/// # Errors
/// When apt-ftparchive is missing, fails or is stopped.
pub fn release(folder: &Path, fields: &[(&str, &str)], stop: &AtomicBool) -> Result<String, ExecError> {
    let options = fields
        .iter()
        .flat_map(|(name, value)| ["--option".to_owned(), format!("APT::FTPArchive::Release::{name}={value}")]);
    call(folder).args(options).args(["release", "."]).text(Limit::READ, stop)
}

/// The list of a hundred thousand packages is shorter.
const MAX_LIST_BYTES: usize = 512 << 20;

/// With SHA-256 alone, which every apt checks.
fn call(folder: &Path) -> Run {
    let digests = ["MD5", "SHA1", "SHA512"].into_iter();
    let options = digests.flat_map(|name| ["--option".to_owned(), format!("APT::FTPArchive::{name}=false")]);
    Run::new(PROGRAM, PACKAGE).in_folder(folder).arg("--quiet").args(options)
}
