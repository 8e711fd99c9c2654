// SPDX-License-Identifier: GPL-3.0-or-later
//! A kickstart, split as Anaconda splits it: commands, sections with their ends, scripts. These are checks that
//! ksvalidator lacks: commands that are missing, included files that no script writes, and scripts that their shell
//! cannot read.

mod fault;
mod missing;
mod parts;
mod writes;

pub(super) use fault::Fault;

use crate::exec::{ExecError, bash};
use missing::missing;
use parts::Parts;
use writes::writes;

/// The last line. The first script looks for it, so that a cut file is not used.
const END: &str = "# end of the kickstart of HPS";

/// The lines between `%packages` and its end.
pub(super) fn packages(text: &str) -> Vec<&str> {
    Parts::parse(text).packages.unwrap_or_default()
}

/// Everything that is wrong with it.
///
/// # Errors
/// When bash cannot be asked.
pub(super) fn faults(text: &str) -> Result<Vec<Fault>, ExecError> {
    let mut parts = Parts::parse(text);
    let mut faults = std::mem::take(&mut parts.faults);
    faults.extend(missing(&parts).into_iter().map(|problem| Fault { line: None, problem }));
    if text.lines().last() != Some(END) {
        faults.push(Fault { line: None, problem: format!("its last line is not {END:?}") });
    }
    for (line, path) in &parts.includes {
        let written = parts.scripts.iter().any(|s| s.section == "%pre" && s.body.lines().any(|l| writes(l, path)));
        if !written {
            faults.push(Fault::at(*line, format!("%include {path}, but no %pre script writes it")));
        }
    }
    for script in &parts.scripts {
        match script.interpreter.rsplit('/').next() {
            Some("bash" | "sh") => {
                let error = bash::syntax_error(&script.body)?;
                faults.extend(error.map(|(line, why)| {
                    Fault::at(script.line.saturating_add(line), format!("{}: {why}", script.section))
                }));
            }
            _ => {
                let problem = format!("{}: HPS cannot check a script of {}", script.section, script.interpreter);
                faults.push(Fault::at(script.line, problem));
            }
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests;
