// SPDX-License-Identifier: GPL-3.0-or-later
//! Mirrors, by HTTP: listings and small files, with timeouts and retries. No byte from here is trusted; verification
//! checks all of it.
//!
//! Every byte from a mirror comes through [`Client::ask`] and [`Client::read`], and is limited there, with any framing.
//! [`meter`] counts below TLS and HTTP. Small readers around one another count the delivered bytes, each in one way:
//! their number ([`limit`]), their speed ([`stall_detector`]), their whole time ([`deadline`]), and on request their
//! rate ([`rate_limit`]). A body that is read in another way has no limits.
//!
//! Proxies are those of the environment, as curl uses them: see [`proxy`]. Redirects are followed here, because only
//! http and https count, and https never becomes http.

mod apt_proxy;
mod client;
mod counted;
mod deadline;
mod error;
mod limit;
mod meter;
mod no_proxy;
mod percent;
mod proxies;
mod proxy;
mod rate_limit;
mod redirect;
mod route;
#[cfg(test)]
mod slow;
mod stall_detector;

pub use apt_proxy::{AptProxy, UnknownToApt};
pub(super) use client::Bounds;
pub use client::{Client, RetryPolicy};
pub use error::MirrorError;
pub use proxies::Proxies;
pub use proxy::{Proxy, ProxyError};

use crate::types::Invalid;
use std::fmt;
use std::str::FromStr;

/// Our name for servers.
const USER_AGENT: &str = concat!("hps/", env!("CARGO_PKG_VERSION"));

/// The root of a mirror, with the releases below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror(String);

impl Mirror {
    /// The address of a file below it.
    pub fn url(&self, below: &str) -> String {
        format!("{}/{below}", self.0)
    }
}

impl FromStr for Mirror {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let url = text.trim_end_matches('/');
        if is_plain_url(url) && !url.contains(['?', '#']) {
            return Ok(Self(url.to_owned()));
        }
        Err(Invalid::new("mirror", text, "expected http://HOST/PATH or https://HOST/PATH, without a password"))
    }
}

impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `http://` or `https://`, a host, no user, and nothing but printable ASCII.
pub(super) fn is_plain_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains('@') && url.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_are_addresses_of_http() {
        let mirror: Mirror = "https://mirror.example/pub/rocky/".parse().unwrap();
        assert_eq!(mirror.url("10.1/isos"), "https://mirror.example/pub/rocky/10.1/isos");
        for bad in [
            "",
            "mirror.example",
            "ftp://a/b",
            "file:///etc",
            "http://",
            "http://u:p@h/",
            "http://h/a b",
            "http://h/?x",
            "http:///x",
        ] {
            assert!(bad.parse::<Mirror>().is_err(), "{bad}");
        }
    }
}
