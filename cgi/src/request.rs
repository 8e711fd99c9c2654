// SPDX-License-Identifier: GPL-3.0-or-later
//! A request as it comes from the web server, or from a person who sets `QUERY_STRING` by hand.
//!
//! Only `REMOTE_ADDR` comes from the socket; everything else here is what the client says. The query is decoded as the
//! URL standard says; a key that comes twice, a control character or bad UTF-8 makes it malformed as a whole, but for what
//! firmware claims of itself.

use std::ffi::OsString;
use std::io::Read;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// Longer queries are no request of ours.
const LONGEST_QUERY: usize = 8_192;
/// The largest body that is read, in bytes: a log.
pub(crate) const LARGEST_BODY: u64 = 1 << 20;

/// A request.
pub(crate) struct Request {
    parameters: Vec<(String, String)>,
    problem: Option<&'static str>,
    /// The sender, where it has an IPv4 address.
    pub(crate) remote: Option<Ipv4Addr>,
    /// Where `hps.conf` is, by the web server's word.
    pub(crate) conf: PathBuf,
    /// Whether the client asks for JSON.
    pub(crate) json: bool,
    /// The body, where it is not too large.
    pub(crate) body: Body,
}

/// The body of a request.
pub(crate) enum Body {
    /// At most [`LARGEST_BODY`] bytes.
    Whole(Vec<u8>),
    /// More than that.
    TooLarge,
    /// It ended before its announced length, or that is no number.
    CutShort,
}

impl Request {
    /// Reads the environment through `variable`, and a body from `stdin` where `CONTENT_LENGTH` announces one.
    pub(crate) fn from_env(variable: impl Fn(&str) -> Option<OsString>, stdin: impl Read) -> Self {
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default();
        let query = match variable("QUERY_STRING").map(OsString::into_string) {
            None => Ok(String::new()),
            Some(query) => query.map_err(|_| "the query is not UTF-8"),
        };
        let (parameters, problem) = match query {
            Ok(query) => parameters(&query),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        let length = text("CONTENT_LENGTH");
        let conf = variable("HPS_CONFIG").filter(|p| !p.is_empty());
        Self {
            parameters,
            problem,
            remote: text("REMOTE_ADDR").parse().ok(),
            conf: conf.map_or_else(|| PathBuf::from("/srv/hps-config/hps.conf"), PathBuf::from),
            json: text("HTTP_ACCEPT").split(',').any(|t| t.trim().starts_with("application/json")),
            body: if length.is_empty() { Body::Whole(Vec::new()) } else { body(length.parse().ok(), stdin) },
        }
    }

    /// The value of a parameter; `None` where it is missing.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Why the query is malformed, where it is.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        self.problem
    }
}

/// What firmware claims is shown to people and proves nothing: whatever bytes it has, the machine is answered.
const CLAIMS: [&str; 5] = ["uuid", "serial", "product", "arch", "platform"];

/// The parameters, and what is wrong with the query as a whole.
fn parameters(query: &str) -> (Vec<(String, String)>, Option<&'static str>) {
    let mut parameters: Vec<(String, String)> = Vec::new();
    if query.len() > LONGEST_QUERY {
        return (parameters, Some("the query is too long"));
    }
    let mut problem = None;
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        // The decoder puts U+FFFD in the place of what is not UTF-8.
        let bad = |t: &str| t.contains('\u{fffd}') || t.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
        if bad(&key) || (bad(&value) && !CLAIMS.contains(&key.as_ref())) {
            problem = Some("the query holds control characters or bad UTF-8");
        } else if parameters.iter().any(|(known, _)| *known == key) {
            problem = Some("a parameter comes twice");
        } else {
            parameters.push((key.into_owned(), value.into_owned()));
        }
    }
    (parameters, problem)
}

fn body(length: Option<u64>, stdin: impl Read) -> Body {
    let Some(length) = length else { return Body::CutShort };
    if length > LARGEST_BODY {
        return Body::TooLarge;
    }
    let mut bytes = Vec::new();
    match stdin.take(length).read_to_end(&mut bytes) {
        Ok(read) if read as u64 == length => Body::Whole(bytes),
        _ => Body::CutShort,
    }
}
