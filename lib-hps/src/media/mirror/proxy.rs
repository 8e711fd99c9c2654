// SPDX-License-Identifier: GPL-3.0-or-later
//! The proxies of a site, as curl(1) takes them from the environment (its manual, ENVIRONMENT and --proxy).
//!
//! - `http_proxy` is for http, `https_proxy` for https, `all_proxy` for what has none of its own. All but `http_proxy` may be in
//!   upper case too: what a web server makes of a header `Proxy:` must name no proxy. An empty one is none.
//! - `no_proxy`: see [`super::no_proxy`].
//! - A proxy is `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`: http where there is no scheme, port 1080 (https: 443) where there is none,
//!   and percent-encoding in user and password.
//!
//! What is no proxy of these kinds is an error, and never passed over: a request that goes another way than the site means
//! gets nothing, or what the site did not want.

use super::no_proxy::NoProxy;
use std::fmt;
use ureq::http::Uri;

/// Which proxy is asked for which address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    none: NoProxy,
}

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    user: Option<(String, String)>,
    variable: &'static str,
}

/// How it is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By HTTP.
    Http,
    /// By HTTP in TLS.
    Https,
    /// By SOCKS, of ureq's kind.
    Socks(ureq::ProxyProtocol),
}

/// A variable that names no proxy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{variable}: {value:?} is no proxy; expected http://, https://, socks4://, socks4a://, socks5:// or socks5h:// and HOST:PORT, as in {variable}=http://proxy.example:3128"
)]
pub struct ProxyError {
    variable: &'static str,
    /// Without user and password.
    value: String,
}

const HTTP: [&str; 1] = ["http_proxy"];
const HTTPS: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
const ALL: [&str; 2] = ["all_proxy", "ALL_PROXY"];
const NONE: [&str; 2] = ["no_proxy", "NO_PROXY"];

impl Proxies {
    /// From the variables of an environment, by their names.
    ///
    /// # Errors
    /// The one that is meant and that names no proxy.
    pub fn from_variables(value: impl Fn(&str) -> Option<String>) -> Result<Self, ProxyError> {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| value(name).filter(|text| !text.is_empty()).map(|text| (*name, text)))
        };
        let proxy = |names: &[&'static str]| -> Result<Option<Proxy>, ProxyError> {
            first(names).or_else(|| first(&ALL)).map(|(name, text)| Proxy::parse(name, &text)).transpose()
        };
        let none = first(&NONE).map(|(_, text)| NoProxy::parse(&text)).unwrap_or_default();
        Ok(Self { http: proxy(&HTTP)?, https: proxy(&HTTPS)?, none })
    }

    /// Whether the environment names no proxy at all.
    pub(super) fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }

    /// The proxy for an address of http or https; `None` where its host is asked itself.
    pub fn of(&self, url: &Uri) -> Option<&Proxy> {
        let (proxy, port) = match url.scheme_str()? {
            "http" => (self.http.as_ref()?, 80),
            "https" => (self.https.as_ref()?, 443),
            _ => return None,
        };
        let host = url.host()?.trim_start_matches('[').trim_end_matches(']');
        (!self.none.has(host, url.port_u16().unwrap_or(port))).then_some(proxy)
    }
}

impl Proxy {
    fn parse(variable: &'static str, text: &str) -> Result<Self, ProxyError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let parse = || -> Option<Self> {
            use ureq::ProxyProtocol::{Socks4, Socks4A, Socks5, Socks5h};
            let (kind, usual) = match scheme.to_ascii_lowercase().as_str() {
                "http" => (Kind::Http, 1080),
                "https" => (Kind::Https, 443),
                "socks4" | "socks" => (Kind::Socks(Socks4), 1080),
                "socks4a" => (Kind::Socks(Socks4A), 1080),
                "socks5" => (Kind::Socks(Socks5), 1080),
                "socks5h" => (Kind::Socks(Socks5h), 1080),
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

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it is, as an address of its scheme.
    pub(super) fn address(&self) -> Result<Uri, ureq::Error> {
        let scheme = if self.kind == Kind::Https { "https" } else { "http" };
        format!("{scheme}://{self}/").parse::<Uri>().map_err(|error| ureq::Error::BadUri(error.to_string()))
    }

    /// User and password.
    pub(super) fn user(&self) -> Option<(&str, &str)> {
        self.user.as_ref().map(|(name, password)| (name.as_str(), password.as_str()))
    }

    /// A proxy of SOCKS as ureq takes it.
    pub(super) fn socks(&self) -> Option<Result<ureq::Proxy, ureq::Error>> {
        let Kind::Socks(protocol) = self.kind else { return None };
        let mut builder = ureq::Proxy::builder(protocol).host(&self.host).port(self.port);
        if let Some((name, password)) = &self.user {
            builder = builder.username(name).password(password);
        }
        Some(builder.build())
    }

    /// As apt takes it in `Acquire::http::Proxy`; `None` where apt cannot: of SOCKS it knows the kind alone where the proxy resolves.
    pub(super) fn for_apt(&self) -> Option<String> {
        let scheme = match self.kind {
            Kind::Http => "http",
            Kind::Https => "https",
            Kind::Socks(ureq::ProxyProtocol::Socks5 | ureq::ProxyProtocol::Socks5h) => "socks5h",
            Kind::Socks(_) => return None,
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

/// Percent-encoding undone (RFC 3986, 2.1).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
        let value = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(value).ok()?);
    }
    // A line feed would end the header that it is put into.
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
