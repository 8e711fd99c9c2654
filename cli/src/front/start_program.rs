// SPDX-License-Identifier: GPL-3.0-or-later
//! Running a program of HPS instead of `hps`.

use crate::program::{Ended, Exit};
use crate::programs::PROGRAMS;
use anyhow::Context as _;
use hps::types::nearest;
use std::ffi::OsString;

/// Starts the program that the first word names instead of this process. Returns only if it cannot.
///
/// # Errors
/// [`Exit::Usage`] for a word that is no program, [`Exit::NotFound`] for one that is not in the folder of `hps`.
pub(super) fn start(words: Vec<OsString>) -> anyhow::Result<Exit> {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_default();
    let name = name.to_string_lossy();
    if PROGRAMS.iter().all(|known| known.name != name) {
        return Err(unknown(&name));
    }
    let here = std::env::current_exe().context("the path of this program is not known")?;
    let path = here.with_file_name(&*name);
    if !path.is_file() {
        let line = format!("{}: no such file; install all programs of HPS in one folder", path.display());
        return Err(Ended::error(Exit::NotFound, line));
    }
    let error = hps::exec::replace_process(&path, words);
    Err(error).with_context(|| format!("{}: cannot be started", path.display()))
}

/// The error for a word that names no program.
pub(super) fn unknown(word: &str) -> anyhow::Error {
    let names = PROGRAMS.map(|program| program.name);
    let host_state = PROGRAMS.into_iter().find(|program| program.name == "host-state");
    let is_its_command = host_state.is_some_and(|program| program.command().find_subcommand(word).is_some());
    let advice = if let Some(near) = nearest(word, names) {
        format!("did you mean {near}?")
    } else if is_its_command {
        // Most people look for a command about hosts.
        format!("did you mean: hps host-state {word}")
    } else {
        format!("there are: {}", names.join(", "))
    };
    Ended::error(Exit::Usage, format!("{word:?} is no program of HPS; {advice}"))
}
