// SPDX-License-Identifier: GPL-3.0-or-later
//! The editor of the person at the terminal: the one of `VISUAL` or `EDITOR`, otherwise Debian's `editor` or `vi`.

use super::program_path::{self, Untrusted, trusted};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Why no editor ran.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// None is installed, or the named one does not exist.
    #[error("no editor: {0} is not in /usr/sbin, /usr/bin, /sbin or /bin; set EDITOR to its absolute path")]
    Missing(String),
    /// Another user could have changed it.
    #[error("the editor is not started: {0}")]
    Untrusted(Untrusted),
    /// It could not be started.
    #[error("{0}: cannot be started")]
    Start(PathBuf, #[source] std::io::Error),
    /// It ended with an error, so its file does not count.
    #[error("{0} failed ({1})")]
    Failed(PathBuf, std::process::ExitStatus),
}

/// What Debian's alternatives choose, and what each Unix has.
const DEFAULTS: [&str; 2] = ["editor", "vi"];

/// Opens a file in the editor at this process's terminal, and waits for its end. `named` is the value of `VISUAL` or
/// `EDITOR`: a program and its arguments. `environment` is what an editor needs: TERM, HOME, the language.
///
/// # Errors
/// See [`EditorError`].
pub fn edit(named: Option<&str>, file: &Path, environment: &[(&str, String)]) -> Result<(), EditorError> {
    let mut words = named.unwrap_or_default().split_whitespace();
    let program = match words.next() {
        Some(name) if name.starts_with('/') => PathBuf::from(name),
        Some(name) => program_path::find(name).ok_or_else(|| EditorError::Missing(name.to_owned()))?,
        None => DEFAULTS
            .iter()
            .find_map(|name| program_path::find(name))
            .ok_or_else(|| EditorError::Missing(DEFAULTS.join(" or ")))?,
    };
    trusted(&program).map_err(EditorError::Untrusted)?;
    let mut command = program_path::command(&program);
    command.args(words).arg(file).envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::inherit());
    let status = command.status().map_err(|error| EditorError::Start(program.clone(), error))?;
    if status.success() { Ok(()) } else { Err(EditorError::Failed(program, status)) }
}
