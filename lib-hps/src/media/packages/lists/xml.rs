// SPDX-License-Identifier: GPL-3.0-or-later
//! XML as it comes: one element after another, and the text of those whose text is requested. A document must have the
//! expected root, and close it. Only requested parts are kept, and each part has a size limit: a list may come from a
//! stranger's medium.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::io::{BufRead, Read};

/// The longest tag, text or comment. A description of a package has some kilobytes.
const MAX_PART_BYTES: usize = 1 << 20;
/// The longest name whose text is requested.
const MAX_NAME_BYTES: usize = 1 << 14;
/// Elements within elements: the lists have six.
const MAX_DEPTH: usize = 64;

/// Why a document is not read to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum XmlError {
    #[error("bad XML: {0}")]
    Bad(String),
    #[error("it is cut short")]
    Cut,
    #[error("its root is {found}: expected {expected}")]
    Root { found: String, expected: String },
    #[error("it has elements more than {MAX_DEPTH} deep")]
    Deep,
    #[error("a name in it has more than {MAX_NAME_BYTES} bytes")]
    LongName,
    #[error("it names {0:?}, which is not a file beside it")]
    NotBeside(String),
    #[error("it names more than {0} files")]
    ManyFiles(usize),
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    /// An element, and how deep it lies: the root's children at 1.
    Element(usize, Element<'a>),
    /// The text in the last element, if it was requested.
    Text(String),
}

/// The request of a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The next element.
    Next,
    /// The text in this one.
    Text,
    /// Nothing more.
    Stop,
}

/// The beginning of an element.
#[derive(Debug)]
pub(super) struct Element<'a>(&'a BytesStart<'a>);

impl Element<'_> {
    /// Without a prefix: `entry` of `rpm:entry`.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of an attribute; empty if it is missing.
    pub(super) fn attribute(&self, name: &str) -> Result<String, XmlError> {
        let Some(attribute) = self.0.try_get_attribute(name).map_err(bad)? else { return Ok(String::new()) };
        attribute.normalized_value(XmlVersion::Explicit1_0).map(Into::into).map_err(bad)
    }

    /// Whether an attribute exists.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.try_get_attribute(name).is_ok_and(|found| found.is_some())
    }
}

fn bad(error: impl std::fmt::Display) -> XmlError {
    XmlError::Bad(error.to_string())
}

/// Shows a document to `visit`, to its end or until `visit` has seen enough.
///
/// # Errors
/// When it is not XML, has another root, or is incomplete; or the error of `visit`.
pub(super) fn walk(
    source: impl BufRead,
    root: &str,
    mut visit: impl FnMut(Seen<'_>) -> Result<Then, XmlError>,
) -> Result<(), XmlError> {
    let (mut reader, mut buffer) = (Reader::from_reader(Part { source, left: MAX_PART_BYTES }), Vec::new());
    let (mut depth, mut begun) = (0usize, false);
    // The requested text, while it arrives.
    let mut text: Option<String> = None;
    loop {
        buffer.clear();
        reader.get_mut().left = MAX_PART_BYTES;
        let event = reader.read_event_into(&mut buffer).map_err(bad)?;
        let start = match &event {
            Event::Start(start) | Event::Empty(start) => start,
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if let Some(text) = text.take()
                    && visit(Seen::Text(text.trim().to_owned()))? == Then::Stop
                {
                    return Ok(());
                }
                continue;
            }
            Event::Text(more) => {
                if let Some(text) = &mut text {
                    text.push_str(more);
                    short(text)?;
                }
                continue;
            }
            // No requested name has a character of this kind.
            Event::GeneralRef(_) => {
                if let Some(text) = &mut text {
                    text.push('&');
                    short(text)?;
                }
                continue;
            }
            Event::Eof if depth == 0 && begun => return Ok(()),
            Event::Eof => return Err(XmlError::Cut),
            _ => continue,
        };
        text = None;
        let element = Element(start);
        if !begun && element.name() != root {
            return Err(XmlError::Root { found: element.name().to_owned(), expected: root.to_owned() });
        }
        begun = true;
        if depth >= MAX_DEPTH {
            return Err(XmlError::Deep);
        }
        let then = visit(Seen::Element(depth, element))?;
        if matches!(event, Event::Start(_)) {
            depth += 1;
            text = (then == Then::Text).then(String::new);
        }
        if then == Then::Stop {
            return Ok(());
        }
    }
}

fn short(text: &str) -> Result<(), XmlError> {
    if text.len() > MAX_NAME_BYTES {
        return Err(XmlError::LongName);
    }
    Ok(())
}

/// A document with a limit on how much the reader may read before something ends: it keeps a tag or a text whole.
struct Part<R> {
    source: R,
    left: usize,
}

impl<R: BufRead> Read for Part<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Part<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let there = self.source.fill_buf()?;
        if self.left == 0 && !there.is_empty() {
            return Err(std::io::Error::other(format!("a tag or a text in it has more than {MAX_PART_BYTES} bytes")));
        }
        Ok(there.get(..self.left).unwrap_or(there))
    }

    fn consume(&mut self, length: usize) {
        self.left = self.left.saturating_sub(length);
        self.source.consume(length);
    }
}
