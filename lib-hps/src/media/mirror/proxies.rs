// SPDX-License-Identifier: GPL-3.0-or-later
//! The proxies of a site, as curl(1) reads them from the environment (its manual, ENVIRONMENT and --proxy).
//!
//! - `http_proxy` is for http, `https_proxy` for https, `all_proxy` for what has none of its own. All but `http_proxy` may be in
//!   upper case too: what a web server makes of a header `Proxy:` must name no proxy. An empty one is none.
//! - `no_proxy`: see [`super::no_proxy`].
//! - A proxy is `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`: http where there is no scheme, port 1080 (https: 443) where there is none,
//!   and percent-encoding in user and password.
//!
//! A proxy of another kind is an error and never ignored: a request on another way than the site wants gets nothing, or
//! something that the site did not want.

use super::no_proxy::NoProxy;
use super::proxy::{Proxy, ProxyError};
use ureq::http::Uri;

/// Which proxy is used for which address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    none: NoProxy,
}

const HTTP: [&str; 1] = ["http_proxy"];
const HTTPS: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
const ALL: [&str; 2] = ["all_proxy", "ALL_PROXY"];
const NONE: [&str; 2] = ["no_proxy", "NO_PROXY"];

impl Proxies {
    /// From the variables of an environment, by their names.
    ///
    /// # Errors
    /// The first used variable with a bad proxy.
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

    /// The proxy for an address of http or https; `None` if its host is reached directly.
    pub fn for_url(&self, url: &Uri) -> Option<&Proxy> {
        let (proxy, port) = match url.scheme_str()? {
            "http" => (self.http.as_ref()?, 80),
            "https" => (self.https.as_ref()?, 443),
            _ => return None,
        };
        let host = url.host()?.trim_start_matches('[').trim_end_matches(']');
        (!self.none.has(host, url.port_u16().unwrap_or(port))).then_some(proxy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
        Proxies::from_variables(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    fn chosen(variables: &[(&str, &str)], url: &str) -> String {
        let proxies = proxies(variables).unwrap();
        proxies.for_url(&url.parse().unwrap()).map_or_else(|| "direct".to_owned(), |proxy| format!("{proxy:?}"))
    }

    #[test]
    fn each_scheme_has_its_own_as_curl_has_it() {
        let (http, https) = ("http://m.example/x", "https://m.example/x");
        let (plain, tls) = ("Proxy(Http, p:1)", "direct");
        assert_eq!(chosen(&[("http_proxy", "http://p:1")], http), plain);
        assert_eq!(chosen(&[("http_proxy", "http://p:1")], https), tls);
        assert_eq!(chosen(&[("HTTP_PROXY", "http://p:1")], http), "direct", "a header can name it");
        for name in ["https_proxy", "HTTPS_PROXY"] {
            assert_eq!(chosen(&[(name, "http://p:1")], http), "direct");
            assert_eq!(chosen(&[(name, "http://p:1")], https), plain);
        }
        for name in ["all_proxy", "ALL_PROXY"] {
            assert_eq!(chosen(&[(name, "http://p:1")], http), plain);
            assert_eq!(chosen(&[(name, "http://p:1"), ("https_proxy", "q:2")], https), "Proxy(Http, q:2)");
            assert_eq!(chosen(&[(name, "p:1"), ("http_proxy", "")], http), plain, "an empty one is none");
        }
        assert_eq!(chosen(&[("https_proxy", "a:1"), ("HTTPS_PROXY", "b:2")], https), "Proxy(Http, a:1)");
        for name in ["no_proxy", "NO_PROXY"] {
            assert_eq!(chosen(&[("http_proxy", "p:1"), (name, "other, example")], http), "direct");
        }
        assert_eq!(chosen(&[("http_proxy", "p:1"), ("no_proxy", "m.example:8080")], http), plain);
        assert_eq!(chosen(&[("http_proxy", "p:1"), ("no_proxy", "::1")], "http://[::1]:8/x"), "direct");
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_an_error_where_it_is_meant() {
        let error = proxies(&[("all_proxy", "quic://user:s3cret@p:1")]).unwrap_err().to_string();
        assert!(error.starts_with("all_proxy: \"quic://p:1\" is not a proxy") && !error.contains("s3cret"), "{error}");
        // One that is not meant for anything need not be right.
        assert!(proxies(&[("all_proxy", "ftp://p"), ("http_proxy", "p"), ("https_proxy", "p")]).is_ok());
    }
}
