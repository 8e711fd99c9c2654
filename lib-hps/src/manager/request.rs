// SPDX-License-Identifier: GPL-3.0-or-later
//! A request of any sender.
//!
//! The query is decoded as the URL standard defines it. A repeated key, a control character or bad UTF-8 makes the
//! whole query malformed, except in firmware information.

use super::method::Method;
use crate::types::{Distro, Loader};
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// A longer query is malformed.
const MAX_QUERY_BYTES: usize = 8_192;
/// The largest body that is read, in bytes: a log.
pub const MAX_BODY_BYTES: u64 = 1 << 20;

/// A request.
#[derive(Debug)]
pub struct Request {
    parameters: Vec<(String, String)>,
    problem: Option<&'static str>,
    /// The sender, if it has an IPv4 address. It is the only part that a client cannot choose.
    pub(super) remote: Option<Ipv4Addr>,
    /// Where `hps.conf` is, as the web server's configuration sets it.
    pub(super) conf: PathBuf,
    /// The method.
    pub(super) method: Method,
    /// Whether the client asks for JSON.
    pub(super) json: bool,
    /// The body, unless it is too large.
    pub(super) body: Body,
}

/// The body of a request.
#[derive(Debug)]
pub enum Body {
    /// At most [`MAX_BODY_BYTES`] bytes.
    Whole(Vec<u8>),
    /// More than that.
    TooLarge,
    /// It ended before its announced length, or the length is no number.
    CutShort,
}

impl Request {
    /// A GET with this query, as it follows the `?`; `None` if it is not UTF-8.
    pub fn new(query: Option<&str>, remote: Option<Ipv4Addr>, conf: PathBuf) -> Self {
        let (parameters, problem) = match query {
            Some(query) => parameters(query),
            None => (Vec::new(), Some("the query is not UTF-8")),
        };
        let body = Body::Whole(Vec::new());
        Self { parameters, problem, remote, conf, method: Method::Get, json: false, body }
    }

    /// The same with another method.
    #[must_use]
    pub fn with_method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// The same with a body.
    #[must_use]
    pub fn with_body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    /// The same from a client that asks for JSON, or not.
    #[must_use]
    pub fn with_json(self, json: bool) -> Self {
        Self { json, ..self }
    }

    /// The value of a parameter; `None` if it is missing.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whose scripts the sender reads: iPXE's, unless it says otherwise.
    pub(super) fn loader(&self) -> Loader {
        self.parameter("loader").and_then(|name| name.parse().ok()).unwrap_or_default()
    }

    /// The line of releases whose shim started the sender's GRUB; `None` for Debian's. A text that names none proves
    /// nothing, and a kernel that the shim does not accept is refused by the shim itself.
    pub(super) fn shim(&self) -> Option<Distro> {
        self.parameter("shim")?.parse::<Distro>().ok()?.shim_line()
    }

    /// Why the query is malformed, if it is.
    pub(super) fn problem(&self) -> Option<&'static str> {
        self.problem
    }
}

/// Firmware information is shown to people and proves nothing, so the machine gets an answer for any bytes.
const FIRMWARE_KEYS: [&str; 5] = ["uuid", "serial", "product", "arch", "platform"];

/// The parameters, and what is wrong with the query as a whole.
fn parameters(query: &str) -> (Vec<(String, String)>, Option<&'static str>) {
    let mut parameters: Vec<(String, String)> = Vec::new();
    if query.len() > MAX_QUERY_BYTES {
        // Read even from a malformed query, because it selects the form of the refusal.
        let start = query.as_bytes().get(..MAX_QUERY_BYTES).unwrap_or_default();
        let command = form_urlencoded::parse(start).find(|(key, _)| key == "cmd");
        parameters.extend(command.map(|(key, value)| (key.into_owned(), value.into_owned())));
        return (parameters, Some("the query is too long"));
    }
    let mut problem = None;
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        // The decoder writes U+FFFD for bytes that are not UTF-8.
        let bad = |t: &str| t.contains('\u{fffd}') || t.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
        if bad(&key) || (bad(&value) && !FIRMWARE_KEYS.contains(&key.as_ref())) {
            problem = Some("the query has control characters or bad UTF-8");
        } else if parameters.iter().any(|(known, _)| *known == key) {
            problem = Some("a parameter comes twice");
        } else {
            parameters.push((key.into_owned(), value.into_owned()));
        }
    }
    (parameters, problem)
}
