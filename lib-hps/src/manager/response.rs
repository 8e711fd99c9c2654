// SPDX-License-Identifier: GPL-3.0-or-later
//! A response: rendered in memory, written once, after the state was committed.
//!
//! The web server delivers the output of a CGI that dies early as a complete answer. So the length always precedes the
//! body.

use crate::types::text_enum;
use std::io::{self, Write};

/// A response.
#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    status: u16,
    content_type: &'static str,
    error: Option<&'static str>,
    /// The header `Allow`.
    allow: Option<&'static str>,
    body: Vec<u8>,
    sent: Sent,
}

/// What of a response is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    All,
    /// Not the body, but its length: the answer to HEAD.
    Headers,
    /// Neither body nor length, which GET alone could find out.
    HeadersWithoutLength,
}

text_enum! {
    /// Why a request was refused: each reason has one status, one constant line, and one word in the header `X-HPS-Error`.
    Problem, "problem of a request",

    /// A parameter or the query is malformed or missing.
    Malformed = "malformed",
    /// There is no such command.
    UnknownCommand = "unknown-command",
    /// The MAC is missing or malformed.
    Mac = "mac",
    /// A rule forbids it, or the token is not valid for it. Only the log and the screen of a menu have the reason.
    Refused = "refused",
    /// There is no record of the host.
    NotKnown = "not-known",
    /// The command is not for this method.
    Method = "method",
    /// The host's state does not accept it.
    NotNow = "not-now",
    /// The body is too large.
    TooLarge = "too-large",
    /// This node cannot do it now: no cluster, a file that cannot be read, no published system.
    NotAble = "not-able",
}

impl Problem {
    fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::UnknownCommand | Self::Mac => 400,
            Self::Refused => 403,
            Self::NotKnown => 404,
            Self::Method => 405,
            Self::NotNow => 409,
            Self::TooLarge => 413,
            Self::NotAble => 503,
        }
    }

    fn line(self) -> &'static str {
        match self {
            Self::Malformed => "malformed request: a parameter is missing, comes twice or has the wrong form",
            Self::UnknownCommand => "unknown command: see the list of commands in the reference of the boot manager",
            Self::Method => "method not allowed: the header Allow lists the methods of this command",
            Self::Mac => {
                "mac is missing or malformed: expected 12 hex digits, with ':' or '-' between pairs or without"
            }
            Self::Refused => "refused",
            Self::NotKnown => "not known: there is no record of this host",
            Self::NotNow => "not now: the state of the host does not accept it",
            Self::TooLarge => "too large: a log has at most 1 MiB",
            Self::NotAble => "not possible now: see the log of the web server on the provisioning node",
        }
    }
}

impl Response {
    /// A script of a boot loader. iPXE discards the body of an error response, so the status is 200 and a header names the error.
    pub(crate) fn script(text: String, error: Option<Problem>) -> Self {
        Self { error: error.map(Problem::as_str), ..Self::text(text) }
    }

    /// Text.
    pub(crate) fn text(text: String) -> Self {
        Self::new(200, "text/plain; charset=utf-8", text)
    }

    fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, error: None, allow: None, body: body.into_bytes(), sent: Sent::All }
    }

    /// A method that is not one of `allow`.
    pub(crate) fn not_allowed(allow: &'static str, json: bool) -> Self {
        Self { allow: Some(allow), ..Self::problem(Problem::Method, json) }
    }

    /// The same without its body, but with its length: for HEAD.
    #[must_use]
    pub(crate) fn headers_only(self) -> Self {
        let sent = if self.sent == Sent::All { Sent::Headers } else { self.sent };
        Self { sent, ..self }
    }

    /// The headers of a script that only GET makes. HEAD may leave out the length (RFC 9110, 8.6).
    pub(crate) fn script_of_get() -> Self {
        Self { sent: Sent::HeadersWithoutLength, ..Self::script(String::new(), None) }
    }

    /// One line, or the same as JSON.
    pub(crate) fn done(line: &str, json: bool) -> Self {
        if json {
            return Self::json(200, None, &serde_json::json!({ "result": line }));
        }
        Self::text(format!("{line}\n"))
    }

    /// `NAME="value"` lines that a shell can source safely, or the same as JSON.
    pub(crate) fn pairs(pairs: &[(&'static str, String)], json: bool) -> Self {
        if json {
            let map = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into()));
            return Self::json(200, None, &serde_json::Value::Object(map.collect()));
        }
        Self::text(pairs.iter().map(|(name, value)| format!("{name}=\"{}\"\n", in_quotes(value))).collect())
    }

    /// An error.
    pub(crate) fn problem(problem: Problem, json: bool) -> Self {
        let (status, error) = (problem.status(), Some(problem.as_str()));
        if json {
            return Self::json(
                status,
                error,
                &serde_json::json!({ "error": problem.as_str(), "message": problem.line() }),
            );
        }
        Self { status, error, ..Self::text(format!("{}\n", problem.line())) }
    }

    fn json(status: u16, error: Option<&'static str>, value: &serde_json::Value) -> Self {
        Self { error, ..Self::new(status, "application/json", format!("{value}\n")) }
    }

    /// Writes it as RFC 3875 defines.
    ///
    /// # Errors
    /// When the client closed the connection.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        let reason = match self.status {
            200 => "OK",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            409 => "Conflict",
            413 => "Content Too Large",
            _ => "Service Unavailable",
        };
        let mut bytes = format!(
            "Status: {} {reason}\r\nContent-Type: {}\r\nCache-Control: no-store\r\n",
            self.status, self.content_type
        );
        if self.sent != Sent::HeadersWithoutLength {
            bytes.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        if let Some(error) = self.error {
            bytes.push_str(&format!("X-HPS-Error: {error}\r\n"));
        }
        if let Some(allow) = self.allow {
            bytes.push_str(&format!("Allow: {allow}\r\n"));
        }
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        if self.sent == Sent::All {
            bytes.extend_from_slice(&self.body);
        }
        out.write_all(&bytes)?;
        out.flush()
    }

    /// The status of HTTP.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The word of `X-HPS-Error`.
    pub fn error(&self) -> Option<&'static str> {
        self.error
    }
}

/// Escapes `value` for double quotes in a POSIX shell (XCU 2.2.3): there `\`, `"`, `$` and the backquote are special.
fn in_quotes(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '\\' | '"' | '$' | '`') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_takes_the_pairs_as_they_are() {
        let values = [
            "",
            "plain",
            "two  words ",
            "$(touch owned)",
            "`touch owned`",
            "${HOME}",
            "\";touch owned;\"",
            "'",
            "\\",
            "\\\"",
            "a\\\nb",
            "!!",
            "*",
            "~",
            "#",
            "\u{e9}\u{202e}",
            "\t\u{1b}[2J",
        ];
        let folder = tempfile::tempdir().unwrap();
        for value in values {
            let response = Response::pairs(&[("VALUE", value.to_owned()), ("LAST", "x".to_owned())], false);
            std::fs::write(folder.path().join("pairs"), response.body()).unwrap();
            for shell in ["bash", "dash"] {
                let script = r#". ./pairs && printf '%s|%s' "$VALUE" "$LAST""#;
                #[expect(clippy::disallowed_methods, reason = "a test")]
                let output = Command::new(shell).args(["-c", script]).current_dir(folder.path()).output().unwrap();
                assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{value}|x"), "{shell}");
                assert!(output.stderr.is_empty(), "{shell} {value:?}");
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was run");
    }
}
