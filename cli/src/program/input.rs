// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that the operator names on the command line.

use super::exit::{Ended, Exit};
use hps::files::{self, FileError};
use std::fs::File;
use std::path::Path;

/// No cluster file, key or list of names from a person is larger.
pub const MAX_INPUT_BYTES: u64 = 1 << 20;

/// The text of a file that the operator named.
///
/// # Errors
/// [`Exit::NotFound`] if there is none, [`Exit::Refused`] if it is not a regular file, has more than `most` bytes, or
/// is not text.
pub fn read_input(path: &Path, most: u64) -> anyhow::Result<String> {
    let bytes = files::read_input(path, most).map_err(|error| input_error(path, error))?;
    String::from_utf8(bytes).map_err(|_| Ended::error(Exit::Refused, format!("{}: not UTF-8 text", path.display())))
}

/// Opens a file that the operator named.
///
/// # Errors
/// [`Exit::NotFound`] if there is none, [`Exit::Refused`] if it is not a regular file.
pub fn open_input(path: &Path) -> anyhow::Result<File> {
    files::open_input(path).map_err(|error| input_error(path, error))
}

fn input_error(path: &Path, error: FileError) -> anyhow::Error {
    match error.is_not_found() {
        true => Ended::error(Exit::NotFound, format!("{}: no such file", path.display())),
        false => anyhow::Error::new(error),
    }
}
