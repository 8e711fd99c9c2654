// SPDX-License-Identifier: GPL-3.0-or-later
//! `group`: the groups and environments of a repository, in the comps format.

use super::sought::Sought;
use super::xml::{Seen, Then, XmlError, walk};
use std::collections::BTreeSet;
use std::io::BufRead;

/// Removes from the list the groups that exist, by id or English name.
pub(super) fn strike(source: impl BufRead, missing: &mut BTreeSet<Sought>) -> Result<(), XmlError> {
    let mut of: Option<fn(String) -> Sought> = None;
    walk(source, "comps", |seen| {
        match seen {
            Seen::Text(text) => {
                if let Some(make) = of {
                    missing.remove(&make(text));
                }
            }
            Seen::Element(1, element) => {
                of = match element.name() {
                    "group" => Some(Sought::Group),
                    "environment" => Some(Sought::Environment),
                    _ => None,
                }
            }
            Seen::Element(2, element) if element.name() == "id" => return Ok(Then::Text),
            Seen::Element(2, element) if element.name() == "name" && !element.has("xml:lang") => return Ok(Then::Text),
            Seen::Element(..) => {}
        }
        Ok(if missing.iter().all(Sought::is_package) { Then::Stop } else { Then::Next })
    })
}
