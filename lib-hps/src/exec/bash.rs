// SPDX-License-Identifier: GPL-3.0-or-later
//! `bash`: whether it can read a script, and what a script of ours says about a text. It gets nothing from the user's
//! environment, finds no other program, and writes nothing.

use super::{ExecError, Limit, NEVER, Run};
use std::fs::File;
use std::io::{Seek as _, Write as _};

const PROGRAM: &str = "bash";

/// A text as standard input. A pipe would have to be filled while the program runs; this file has no name.
fn input(text: &str) -> Result<File, ExecError> {
    let write = || {
        let mut file = tempfile::tempfile()?;
        file.write_all(text.as_bytes())?;
        file.rewind()?;
        Ok(file)
    };
    write().map_err(|source| ExecError::Start { program: PROGRAM, source })
}

fn bash() -> Run {
    Run::new(PROGRAM, PROGRAM).env("PATH", "/nonexistent").args(["--noprofile", "--norc"])
}

/// A syntax error of a script: the line, from 1, and bash's words. The script does not run.
///
/// # Errors
/// When bash is missing.
pub fn syntax_error(script: &str) -> Result<Option<(usize, String)>, ExecError> {
    // As a file: for its standard input bash would not name the line.
    let output = bash().args(["-n", "/dev/stdin"]).input(input(script)?).ended(Limit::CHECK, &NEVER)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let Some(first) = said.lines().find(|line| !line.trim().is_empty()) else {
        let silent = (!output.status.success()).then(|| (1, format!("bash ended with {}", output.status)));
        return Ok(silent);
    };
    // /dev/stdin: line 3: syntax error near unexpected token `fi'
    let numbered = first.split_once("line ").and_then(|(_, rest)| rest.split_once(": "));
    Ok(Some(match numbered.and_then(|(number, rest)| Some((number.parse().ok()?, rest))) {
        Some((line, problem)) => (line, problem.to_owned()),
        None => (1, first.to_owned()),
    }))
}

/// Runs a script of ours with these arguments, and `text` as its standard input. `None` if it ends well and prints
/// nothing; otherwise the first line of its output.
///
/// # Errors
/// When bash is missing.
pub fn judge(script: &str, arguments: &[&str], text: &str) -> Result<Option<String>, ExecError> {
    // It cannot find a program by its name.
    let script = format!("PATH=/nonexistent\n{script}");
    let output =
        bash().arg("-c").arg(script).arg(PROGRAM).args(arguments).input(input(text)?).ended(Limit::CHECK, &NEVER)?;
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    let first = said.lines().find(|line| !line.trim().is_empty()).map(str::to_owned);
    Ok(first.or_else(|| (!output.status.success()).then(|| format!("bash ended with {}", output.status))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_and_not_run() {
        assert_eq!(syntax_error("a=(1 2)\n/nonexistent/program\nexit 3\n").unwrap(), None);
        let (line, problem) = syntax_error("true\nif true; then\n  :\n)\n").unwrap().unwrap();
        assert_eq!(line, 4, "{problem}");
        assert!(problem.contains("syntax error"), "{problem}");
        let (_, problem) = syntax_error("f() {\n").unwrap().unwrap();
        assert!(problem.contains("end of file"), "{problem}");
    }

    #[test]
    fn a_script_says_what_is_wrong() {
        let script = "read -r word; [[ $word == good ]] || { printf '%s\\n' \"bad: $word\"; exit 1; }";
        assert_eq!(judge(script, &[], "good\n").unwrap(), None);
        assert_eq!(judge(script, &[], "other\n").unwrap().as_deref(), Some("bad: other"));
        assert!(
            judge("nosuch", &[], "").unwrap().unwrap().contains("nosuch"),
            "what goes wrong in silence is said too"
        );
        assert!(judge("exit $1", &["7"], "").unwrap().unwrap().contains('7'));
    }
}
