// SPDX-License-Identifier: GPL-3.0-or-later
//! A proxy: `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`, as curl(1) takes it.

use super::percent::{decoded, encoded};
use std::fmt;
use ureq::http::Uri;

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: ProxyKind,
    host: String,
    port: u16,
    user: Option<(String, String)>,
    variable: &'static str,
}

/// The protocol to the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProxyKind {
    /// By HTTP.
    Http,
    /// By HTTP in TLS.
    Https,
    /// By SOCKS, of ureq's kind.
    Socks(ureq::ProxyProtocol),
}

/// A variable with a bad proxy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{variable}: {value:?} is not a proxy; expected http://, https://, socks4://, socks4a://, socks5:// or socks5h:// and HOST:PORT, as in {variable}=http://proxy.example:3128"
)]
pub struct ProxyError {
    variable: &'static str,
    /// Without user and password.
    value: String,
}

impl Proxy {
    pub(super) fn parse(variable: &'static str, text: &str) -> Result<Self, ProxyError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let parse = || -> Option<Self> {
            use ureq::ProxyProtocol::{Socks4, Socks4A, Socks5, Socks5h};
            let (kind, usual) = match scheme.to_ascii_lowercase().as_str() {
                "http" => (ProxyKind::Http, 1080),
                "https" => (ProxyKind::Https, 443),
                "socks4" | "socks" => (ProxyKind::Socks(Socks4), 1080),
                "socks4a" => (ProxyKind::Socks(Socks4A), 1080),
                "socks5" => (ProxyKind::Socks(Socks5), 1080),
                "socks5h" => (ProxyKind::Socks(Socks5h), 1080),
                _ => return None,
            };
            let (host, port) = match place.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
                Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)?),
                None => (place, usual),
            };
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b);
            // An address of IPv6 has brackets, a name has no colon.
            if host.is_empty() || !host.bytes().all(plain) || host.contains(':') != host.starts_with('[') {
                return None;
            }
            let user = match user {
                Some(user) => {
                    let (name, password) = user.split_once(':').unwrap_or((user, ""));
                    Some((decoded(name)?, decoded(password)?))
                }
                None => None,
            };
            Some(Self { kind, host: host.to_owned(), port, user, variable })
        };
        parse().ok_or_else(|| {
            let value = if text.contains("://") { format!("{scheme}://{place}") } else { place.to_owned() };
            ProxyError { variable, value }
        })
    }

    /// The variable that names it.
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    pub(super) fn kind(&self) -> ProxyKind {
        self.kind
    }

    /// Where it is, as an address of its scheme.
    pub(super) fn address(&self) -> Result<Uri, ureq::Error> {
        let scheme = if self.kind == ProxyKind::Https { "https" } else { "http" };
        format!("{scheme}://{self}/").parse::<Uri>().map_err(|error| ureq::Error::BadUri(error.to_string()))
    }

    /// User and password.
    pub(super) fn user(&self) -> Option<(&str, &str)> {
        self.user.as_ref().map(|(name, password)| (name.as_str(), password.as_str()))
    }

    /// A SOCKS proxy in the form of ureq.
    pub(super) fn socks(&self) -> Option<Result<ureq::Proxy, ureq::Error>> {
        let ProxyKind::Socks(protocol) = self.kind else { return None };
        let mut builder = ureq::Proxy::builder(protocol).host(&self.host).port(self.port);
        if let Some((name, password)) = &self.user {
            builder = builder.username(name).password(password);
        }
        Some(builder.build())
    }

    /// In the form of apt's `Acquire::http::Proxy`; `None` if apt does not support it: of SOCKS it supports only the
    /// kind where the proxy resolves names.
    pub(super) fn for_apt(&self) -> Option<String> {
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks(ureq::ProxyProtocol::Socks5 | ureq::ProxyProtocol::Socks5h) => "socks5h",
            ProxyKind::Socks(_) => return None,
        };
        let user = self.user.as_ref().map(|(name, password)| format!("{}:{}@", encoded(name), encoded(password)));
        Some(format!("{scheme}://{}{self}", user.unwrap_or_default()))
    }
}

/// Host and port, and never the password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({:?}, {self})", self.kind)
    }
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
