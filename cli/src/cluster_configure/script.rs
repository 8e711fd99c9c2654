// SPDX-License-Identifier: GPL-3.0-or-later
//! `--answers -`: the answers of a script, one line for each question, and `yes` as the last one. A wrong or missing
//! answer ends the program, since nobody is there to correct it.

use super::conversation::begin_from;
use super::question::Question;
use super::session::{Outcome, Session};
use crate::program::terminal::read_line;
use crate::program::{Ended, Exit};
use hps::config::HpsConf;

/// Reads the answers. The last question, whether to write, is asked only if `confirms`.
///
/// # Errors
/// [`Exit::Usage`] with the number and the key of the question: its answer is refused or missing, or there is a line more.
pub(super) fn read_answers(session: &mut Session, conf: &HpsConf, confirms: bool) -> anyhow::Result<()> {
    let wrong = |number: usize, key: &str, why: &str| {
        Ended::error(Exit::Usage, format!("answer {number} ({key}): {why}; nothing was written"))
    };
    while let Some(question) = session.question() {
        let (number, count) = session.progress();
        let key = question.key();
        let Some(line) = read_line()? else {
            return Err(wrong(number, key, &format!("it is missing: expected {count} lines, and yes as the last one")));
        };
        match session.take(&line) {
            Outcome::Taken(Question::Name) => {
                begin_from(session, conf).map_err(|why| wrong(number, key, &why))?;
            }
            Outcome::Taken(_) => {}
            Outcome::Refused(why) => return Err(wrong(number, key, &why)),
            Outcome::Help(_) | Outcome::Back | Outcome::AtStart => {
                return Err(wrong(number, key, "? and < are for a terminal"));
            }
        }
    }
    let (number, _) = session.progress();
    if confirms {
        match read_line()?.as_deref().map(str::trim) {
            Some("yes") => {}
            Some("no") => return Err(Ended::error(Exit::Failed, "nothing was written")),
            Some(other) => return Err(wrong(number, "write", &format!("\"{other}\": expected yes or no"))),
            None => return Err(wrong(number, "write", "it is missing: expected yes or no as the last line")),
        }
    }
    match read_line()? {
        Some(line) if !line.trim().is_empty() => {
            Err(wrong(number + usize::from(confirms), "end", &format!("\"{line}\": there is no further question")))
        }
        _ => Ok(()),
    }
}
