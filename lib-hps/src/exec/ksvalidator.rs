// SPDX-License-Identifier: GPL-3.0-or-later
//! `ksvalidator` of pykickstart: whether Anaconda of a release knows the commands of a kickstart. It does not follow
//! includes, and accepts any text as a script and any name as a package.

use super::{ExecError, Limit, NEVER, Run};
use std::path::Path;

/// Its source: Debian has no package of it.
pub const PACKAGE: &str = "pykickstart";

/// The first error that `program` reports for kickstarts of one major release of Enterprise Linux; `None` if it reports
/// none. It is a Python program that needs half a second to start, and no more for several files.
///
/// # Errors
/// When it is missing, cannot be started, or another user could have changed it.
pub fn check(program: &Path, files: &[&Path], major: u32) -> Result<Option<Said>, ExecError> {
    let run = files
        .iter()
        .fold(Run::at("ksvalidator", program, PACKAGE).args(["-v", &format!("RHEL{major}")]), |run, file| {
            run.path(file)
        });
    let output = run.ended(Limit::CHECK, &NEVER)?;
    let text = format!("{}\n{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    let said = judge(&text);
    let silent = || Said { line: None, problem: format!("ksvalidator ended with {}", output.status) };
    Ok(said.or_else(|| (!output.status.success()).then(silent)))
}

/// Its first complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The line of the kickstart.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

/// `The following problem occurred on line 15 of the kickstart file:`, and below it the problem.
fn judge(text: &str) -> Option<Said> {
    let mut line = None;
    for said in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("Checking kickstart file")) {
        let number = said.split_once(" on line ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
        if said.ends_with(':') && number.is_some() {
            line = number;
        } else {
            return Some(Said { line, problem: said.to_owned() });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_words() {
        let said = |line, problem: &str| Some(Said { line, problem: problem.to_owned() });
        assert_eq!(judge("\nChecking kickstart file /tmp/a\n\n"), None);
        let text =
            "The following problem occurred on line 15 of the kickstart file:\n\nunrecognized arguments: --nosuch\n\n";
        assert_eq!(judge(text), said(Some(15), "unrecognized arguments: --nosuch"));
        assert_eq!(judge("Unknown version specified: RHEL99\n"), said(None, "Unknown version specified: RHEL99"));
    }
}
