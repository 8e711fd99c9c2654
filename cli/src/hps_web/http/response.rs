// SPDX-License-Identifier: GPL-3.0-or-later
//! An answer, with the fields that protect a browser.

use hps::types::printable_json;
use std::borrow::Cow;

/// The statuses that HPS answers with (RFC 9110, RFC 6585).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::hps_web) enum Status {
    Ok,
    SeeOther,
    NotModified,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Timeout,
    Conflict,
    LengthRequired,
    BodyTooLarge,
    HeadTooLarge,
    TooMany,
    Failed,
    Unavailable,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::SeeOther => "303 See Other",
            Self::NotModified => "304 Not Modified",
            Self::BadRequest => "400 Bad Request",
            Self::Unauthorized => "401 Unauthorized",
            Self::Forbidden => "403 Forbidden",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::Timeout => "408 Request Timeout",
            Self::Conflict => "409 Conflict",
            Self::LengthRequired => "411 Length Required",
            Self::BodyTooLarge => "413 Content Too Large",
            Self::HeadTooLarge => "431 Request Header Fields Too Large",
            Self::TooMany => "429 Too Many Requests",
            Self::Failed => "500 Internal Server Error",
            Self::Unavailable => "503 Service Unavailable",
        }
    }
}

/// What a handler answers.
#[derive(Debug)]
pub(in crate::hps_web) enum Reply {
    /// A whole answer.
    Whole(Response),
    /// Events as they come: those of all hosts, or of the one with this topic too.
    Events {
        /// What the follower gets beside the events for everybody.
        topic: Option<String>,
        /// What it gets at once.
        first: String,
    },
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(in crate::hps_web) struct Response {
    pub(in crate::hps_web) status: Status,
    kind: &'static str,
    fields: Vec<(&'static str, String)>,
    pub(in crate::hps_web) body: Cow<'static, [u8]>,
}

/// Nothing from elsewhere, nothing inline, no frame, no form to elsewhere. `script-src` and `style-src` are files of HPS.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// For every answer: a browser guesses no type, sends no address to others, and keeps nothing.
const PROTECTION: &str = "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n\
                          Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n";

impl Response {
    /// An answer of this media type.
    pub(in crate::hps_web) fn new(kind: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { status: Status::Ok, kind, fields: Vec::new(), body: body.into() }
    }

    /// An answer in JSON, as the programs print it: what would confuse a terminal is escaped.
    ///
    /// # Errors
    /// When the value has no form in JSON.
    pub(in crate::hps_web) fn json(value: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        let mut text = printable_json(&serde_json::to_string(value)?);
        text.push('\n');
        Ok(Self::new("application/json", text.into_bytes()))
    }

    /// `{"error": "..."}`, one line for people.
    pub(in crate::hps_web) fn error(status: Status, why: &str) -> Self {
        let text = serde_json::json!({ "error": hps::types::printable_line(why) });
        Self { status, ..Self::new("application/json", format!("{text}\n").into_bytes()) }
    }

    /// The same with another status.
    #[must_use]
    pub(in crate::hps_web) fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// The same with another field. The value has no line end.
    #[must_use]
    pub(in crate::hps_web) fn with_field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value: String = value.into();
        self.fields.push((name, value.chars().filter(|c| !c.is_control()).collect()));
        self
    }

    /// The bytes for the client; those of the body only if `body`.
    pub(super) fn into_bytes(self, body: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {}\r\n", self.status.line());
        let mut add = |name: &str, value: &str| {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        };
        let has = |name: &str| self.fields.iter().any(|(own, _)| *own == name);
        add("Content-Type", self.kind);
        add("Content-Length", &self.body.len().to_string());
        add("Connection", "close");
        if !has("Cache-Control") {
            add("Cache-Control", "no-store");
        }
        add("Content-Security-Policy", POLICY);
        for (name, value) in &self.fields {
            add(name, value);
        }
        head.push_str(PROTECTION);
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if body && self.status != Status::NotModified {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// The begin of an answer that goes on with events (server-sent events of the HTML standard). A proxy must not collect
/// them.
pub(super) fn events_head() -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\nCache-Control: no-store\r\n\
         X-Accel-Buffering: no\r\nContent-Security-Policy: {POLICY}\r\n{PROTECTION}\r\n"
    )
}
