// SPDX-License-Identifier: GPL-3.0-or-later
//! Reads a TOML file that a person wrote, and finds all of its mistakes in one run.
//!
//! serde ends at the first mistake. The mistake arrives here as data with its path ([`failure`]), is noted, and is
//! repaired in memory ([`repairs`]): a wrong value is left out, and a missing one gets a sample. Then the file is read
//! again, until no new mistake is found. Lines that are no TOML come before ([`syntax`]). A check of several settings counts only if all of them are as in the file.

mod document;
mod failure;
mod names;
mod node;
mod path;
mod repairs;
mod samples;
mod syntax;
#[cfg(test)]
mod tests;
mod words;

pub use document::line_of_key;
pub(super) use samples::Samples;

use super::parse_error::{ParseError, ParseErrors};
use super::setting_error::SettingError;
use document::Document;
use failure::Failure;
use node::Node;
use path::Path;
use repairs::Repairs;
use serde::de::DeserializeOwned;
use syntax::Syntax;

/// The most mistakes that one run shows; each costs another reading.
const MAX_MISTAKES: usize = 20;

/// Reads a file and checks it.
///
/// # Errors
/// All mistakes, at most [`MAX_MISTAKES`].
pub(super) fn read<T: DeserializeOwned>(
    text: &str,
    samples: Samples,
    check: fn(&T) -> Vec<SettingError>,
) -> Result<T, ParseErrors> {
    let Syntax { text: readable, mistakes: mut found, left_out } =
        Syntax::read(text, MAX_MISTAKES).map_err(|found| ParseErrors::new(found).unwrap_or_else(|| unknown(text)))?;
    let document = Document::parse(&readable)?;
    let mut repairs = Repairs::new(samples);
    left_out.into_iter().for_each(|path| repairs.add_left_out(path));
    while found.len() < MAX_MISTAKES {
        let failure = match T::deserialize(Node::root(&document, &repairs)) {
            Ok(value) => {
                let wrong = check(&value);
                let wrong =
                    wrong.iter().filter(|wrong| !wrong.keys().any(|key| repairs.touch(&Path::from_dotted(key))));
                found.extend(wrong.take(MAX_MISTAKES - found.len()).map(|wrong| {
                    let place =
                        document.place_of_setting(&Path::from_dotted(wrong.key()), repairs.names()).unwrap_or_default();
                    ParseError::new(text, &place, wrong.problem().to_owned())
                }));
                return ParseErrors::new(found).map_or(Ok(value), Err);
            }
            Err(failure) => failure,
        };
        if !repairs.explain(&failure) {
            found.push(mistake(&document, &repairs, &failure));
        }
        if !repairs.repair(&document, failure) {
            break;
        }
    }
    Err(ParseErrors::new(found).unwrap_or_else(|| unknown(text)))
}

fn unknown(text: &str) -> ParseErrors {
    ParseError::new(text, &(0..0), words::UNKNOWN.to_owned()).into()
}

fn mistake(document: &Document<'_>, repairs: &Repairs, failure: &Failure) -> ParseError {
    let place = document.place(failure, repairs.names());
    let problem = words::problem(document, repairs, failure, &place);
    ParseError::new(document.text(), &place, problem)
}
