// SPDX-License-Identifier: GPL-3.0-or-later
//! The same way to a host for apt as for this program.

use super::proxies::Proxies;
use std::fmt;
use ureq::http::Uri;

impl Proxies {
    /// The settings by which apt reaches an archive in the same way as this program: `Acquire::http::Proxy::HOST
    /// "PROXY";`. Empty if there is no proxy.
    ///
    /// # Errors
    /// When apt cannot go that way.
    pub fn for_apt(&self, archive: &str) -> Result<Option<AptProxy>, UnknownToApt> {
        let Ok(url) = archive.parse::<Uri>() else { return Ok(None) };
        let (Some(scheme), Some(host)) = (url.scheme_str(), url.host()) else { return Ok(None) };
        if self.is_empty() {
            return Ok(None);
        }
        let value = match self.for_url(&url) {
            None => "DIRECT".to_owned(),
            Some(proxy) => proxy.for_apt().ok_or_else(|| UnknownToApt(proxy.variable()))?,
        };
        Ok(Some(AptProxy { scheme: scheme.to_owned(), host: host.to_owned(), value }))
    }
}

/// A proxy that apt cannot use, by its variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}: apt does not support SOCKS 4 proxies; name one of http, https or socks5h")]
pub struct UnknownToApt(&'static str);

/// A setting of apt: the way to one host for one scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AptProxy {
    scheme: String,
    host: String,
    value: String,
}

impl AptProxy {
    /// Whether these settings of apt (`Name "value";`) already set it: the configuration of apt has priority for apt.
    pub fn is_said_in(&self, settings: &[String]) -> bool {
        let Self { scheme, host, .. } = self;
        // A setting for http counts for https too (apt-transport-https(1)).
        ["http", scheme.as_str()].into_iter().any(|scheme| {
            let names = ["Proxy".to_owned(), "Proxy-Auto-Detect".to_owned(), format!("Proxy::{host}")];
            let said = names.map(|name| format!("Acquire::{scheme}::{name} "));
            settings.iter().any(|setting| said.iter().any(|name| setting.starts_with(name.as_str())))
        })
    }
}

impl fmt::Display for AptProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Acquire::{}::Proxy::{} \"{}\";", self.scheme, self.host, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ProxyError;
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
        Proxies::from_variables(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn apt_goes_the_same_way() {
        let said = |variables: &[(&str, &str)], archive: &str| {
            proxies(variables).unwrap().for_apt(archive).map(|setting| setting.map(|setting| setting.to_string()))
        };
        let http = [("http_proxy", "u:p@p:3128"), ("no_proxy", "10.0.0.0/8 , corp.example")];
        let way =
            |scheme: &str, host: &str, value: &str| Ok(Some(format!("Acquire::{scheme}::Proxy::{host} \"{value}\";")));
        assert_eq!(said(&http, "http://deb.debian.org/debian"), way("http", "deb.debian.org", "http://u:p@p:3128"));
        assert_eq!(said(&http, "https://deb.debian.org/debian"), way("https", "deb.debian.org", "DIRECT"));
        assert_eq!(said(&http, "http://10.1.2.3:8080/debian"), way("http", "10.1.2.3", "DIRECT"));
        assert_eq!(said(&http, "http://apt.corp.example/debian"), way("http", "apt.corp.example", "DIRECT"));
        assert_eq!(said(&[("no_proxy", "x")], "http://deb.debian.org/debian"), Ok(None));
        assert!(
            said(&[("all_proxy", "socks4://p")], "http://deb.debian.org/debian")
                .unwrap_err()
                .to_string()
                .contains("all_proxy")
        );
        let setting = proxies(&http).unwrap().for_apt("https://h/debian").unwrap().unwrap();
        for (known, yes) in [
            ("Acquire::http::Proxy \"http://q:1\";", true),
            ("Acquire::https::Proxy \"http://q:1\";", true),
            ("Acquire::https::Proxy::h \"DIRECT\";", true),
            ("Acquire::http::Proxy-Auto-Detect \"/x\";", true),
            ("Acquire::https::Proxy::other \"DIRECT\";", false),
            ("Acquire::Retries \"3\";", false),
        ] {
            assert_eq!(setting.is_said_in(&[known.to_owned()]), yes, "{known}");
        }
    }
}
