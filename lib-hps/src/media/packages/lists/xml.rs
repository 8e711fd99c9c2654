// SPDX-License-Identifier: GPL-3.0-or-later
//! XML as it comes: elements, one after another, and the text in those whose text is asked for. A document must have the root that
//! is expected, and close it. Nothing is kept but what is looked at, and each part of a document has a largest size: a list may come
//! from a medium of somebody else.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::io::{BufRead, Read};

/// The longest tag, text or comment. A description of a package has some kilobytes.
const LONGEST: usize = 1 << 20;
/// The longest name whose text is asked for.
const LONGEST_TEXT: usize = 1 << 14;
/// Elements within elements: the lists have six.
const DEEPEST: usize = 64;

/// What comes next.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    /// An element, and how deep it lies: the root's children at 1.
    Element(usize, Element<'a>),
    /// The text in the last element, where it was asked for.
    Text(String),
}

/// What whoever looks at it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The next element.
    Next,
    /// The text in this one.
    Text,
    /// Nothing more.
    Stop,
}

/// An element that begins.
#[derive(Debug)]
pub(super) struct Element<'a>(&'a BytesStart<'a>);

impl Element<'_> {
    /// Without a prefix: `entry` of `rpm:entry`.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of an attribute; empty where it has none.
    pub(super) fn attribute(&self, name: &str) -> Result<String, String> {
        let Some(attribute) = self.0.try_get_attribute(name).map_err(bad)? else { return Ok(String::new()) };
        attribute.normalized_value(XmlVersion::Explicit1_0).map(Into::into).map_err(bad)
    }

    /// Whether an attribute is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.try_get_attribute(name).is_ok_and(|found| found.is_some())
    }
}

fn bad(error: impl std::fmt::Display) -> String {
    format!("no good XML: {error}")
}

/// Shows a document to `visit`, to its end or until that has seen enough.
///
/// # Errors
/// One line: it is no XML, has another root, or is cut short; or what `visit` says.
pub(super) fn walk(
    source: impl BufRead,
    root: &str,
    mut visit: impl FnMut(Seen<'_>) -> Result<Then, String>,
) -> Result<(), String> {
    let (mut reader, mut buffer) = (Reader::from_reader(Part { source, left: LONGEST }), Vec::new());
    let (mut depth, mut begun) = (0usize, false);
    // The text that was asked for, while it comes.
    let mut text: Option<String> = None;
    loop {
        buffer.clear();
        reader.get_mut().left = LONGEST;
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
            // Nothing that is looked for has a character of this kind in its name.
            Event::GeneralRef(_) => {
                if let Some(text) = &mut text {
                    text.push('&');
                    short(text)?;
                }
                continue;
            }
            Event::Eof if depth == 0 && begun => return Ok(()),
            Event::Eof => return Err("it is cut short".to_owned()),
            _ => continue,
        };
        text = None;
        let element = Element(start);
        if !begun && element.name() != root {
            return Err(format!("its root is {}: expected {root}", element.name()));
        }
        begun = true;
        if depth >= DEEPEST {
            return Err(format!("it has elements more than {DEEPEST} deep"));
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

fn short(text: &str) -> Result<(), String> {
    if text.len() > LONGEST_TEXT {
        return Err(format!("a name in it has more than {LONGEST_TEXT} bytes"));
    }
    Ok(())
}

/// A document of which the reader may take so much before it must come to an end of something: it keeps a tag or a text whole.
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
            return Err(std::io::Error::other(format!("a tag or a text in it has more than {LONGEST} bytes")));
        }
        Ok(there.get(..self.left).unwrap_or(there))
    }

    fn consume(&mut self, length: usize) {
        self.left = self.left.saturating_sub(length);
        self.source.consume(length);
    }
}
