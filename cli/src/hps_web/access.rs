// SPDX-License-Identifier: GPL-3.0-or-later
//! Who may ask. Behind a socket of the file system it is lighttpd that asks, after the login, and the mode of the socket
//! keeps others out. On the loopback interface every user of the machine could ask, and so could a page of another site
//! in a browser: a key of this run keeps them out.

use super::http::{Method, Reply, Request, Response, Status};
use hps::files::random;

/// The cookie that keeps the key in a browser.
const COOKIE: &str = "hps-web-key";

/// Who may ask.
#[derive(Debug, Clone)]
pub(super) enum Access {
    /// Who may open the socket.
    Socket,
    /// Who knows the key.
    Key(Key),
}

/// A key of one run. It is never printed but in the address for the person who started the program.
#[derive(Clone)]
pub(super) struct Key(String);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(super) fn new() -> Result<Self, hps::files::IoError> {
        let bytes: [u8; 16] = random()?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// For the address that a person opens.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Takes the same time for each wrong text of this length.
    fn is(&self, text: &str) -> bool {
        let (own, text) = (self.0.as_bytes(), text.as_bytes());
        own.len() == text.len() && own.iter().zip(text).fold(0, |different, (a, b)| different | (a ^ b)) == 0
    }
}

impl Access {
    /// `None` for a request that may be answered, otherwise what it gets.
    pub(super) fn refusal(&self, request: &Request) -> Option<Reply> {
        let Self::Key(key) = self else { return None };
        // A name of another site that leads here (DNS rebinding) would make that site's page one of ours.
        if !request.field("host").is_some_and(is_loopback) {
            return refuse(Status::Forbidden, "open this address by 127.0.0.1");
        }
        let bearer = request.field("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let cookie = request
            .field("cookie")
            .and_then(|value| value.split(';').find_map(|part| part.trim().strip_prefix(COOKIE)?.strip_prefix('=')));
        if bearer.or(cookie).is_some_and(|text| key.is(text)) {
            return None;
        }
        let given = request.query.iter().find(|(name, _)| name == "key").map(|(_, value)| value);
        if request.method == Method::Get && request.path == "/" && given.is_some_and(|text| key.is(text)) {
            let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict", key.0);
            let response = Response::new("text/plain", Vec::new()).with_status(Status::SeeOther);
            return Some(Reply::Whole(response.with_field("Location", "/").with_field("Set-Cookie", cookie)));
        }
        refuse(
            Status::Unauthorized,
            "open the address that hps-web printed, or send its key: Authorization: Bearer KEY",
        )
    }
}

fn refuse(status: Status, why: &str) -> Option<Reply> {
    Some(Reply::Whole(Response::error(status, why).with_field("WWW-Authenticate", "Bearer")))
}

fn is_loopback(host: &str) -> bool {
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_names_of_this_machine() {
        for host in ["127.0.0.1", "127.0.0.1:8480", "localhost:8480", "[::1]:8480"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:8480", "127.0.0.1.evil.example", "localhost:8480.evil.example"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
