// SPDX-License-Identifier: GPL-3.0-or-later
//! `primary`: every package of a repository, with what it provides.

use super::sought::{Listed, Sought};
use super::xml::{Seen, Then, XmlError, walk};
use std::collections::BTreeSet;
use std::io::BufRead;

/// Removes the packages that exist from the list; stops when none is missing any more.
pub(super) fn strike(source: impl BufRead, missing: &mut BTreeSet<Sought>) -> Result<(), XmlError> {
    /// The element of the current text.
    enum Of {
        Name,
        Arch,
        File,
    }
    let (mut listed, mut provides, mut of) = (Listed::default(), false, Of::Name);
    let files = missing.iter().any(|sought| matches!(sought, Sought::Package(name) if name.starts_with('/')));
    walk(source, "metadata", |seen| {
        let element = match seen {
            Seen::Element(depth, element) => (depth, element),
            Seen::Text(text) => {
                match of {
                    Of::Name => listed.name = text,
                    Of::Arch => listed.arch = text,
                    Of::File => missing.retain(|sought| !sought.is(&text)),
                }
                return Ok(Then::Next);
            }
        };
        match (element.0, element.1.name()) {
            (1, _) => listed = Listed::default(),
            (2, "name") => {
                of = Of::Name;
                return Ok(Then::Text);
            }
            (2, "arch") => {
                of = Of::Arch;
                return Ok(Then::Text);
            }
            (2, "version") => {
                listed.version = element.1.attribute("ver")?;
                listed.release = element.1.attribute("rel")?;
            }
            // Each package has it, after its name and version.
            (2, "location") => missing.retain(|sought| !sought.means(&listed)),
            (3, "file") if files => {
                of = Of::File;
                return Ok(Then::Text);
            }
            (3, name) => provides = name == "provides",
            (4, "entry") if provides => {
                let provided = element.1.attribute("name")?;
                missing.retain(|sought| !sought.is(&provided));
            }
            _ => {}
        }
        Ok(if missing.iter().any(Sought::is_package) { Then::Next } else { Then::Stop })
    })
}
