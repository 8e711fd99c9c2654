// SPDX-License-Identifier: GPL-3.0-or-later
//! The `[web]` section of a cluster file: the page, the API and the metrics for other machines.

use super::setting_error::SettingErrors;
use crate::types::{SitePath, text_enum};
use serde::Deserialize;
use std::net::Ipv4Addr;

/// Settings of the page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebSettings {
    /// Whether this node serves it, with TLS and a login.
    pub server: bool,
    /// Its port.
    pub port: u16,
    /// The only address of this node that serves it; all of them if there is none.
    pub address: Option<Ipv4Addr>,
    /// The certificate of the site, with those that it needs; with its key, if `key` is missing. Without it `reload`
    /// makes one.
    pub certificate: Option<SitePath>,
    /// The key of the certificate, if it has a file of its own.
    pub key: Option<SitePath>,
    /// Who knows the passwords.
    pub login: WebLogin,
    /// Whether programs with a token may arm, disarm and switch hosts over the API.
    pub changes: bool,
}

text_enum! {
    /// Who knows the passwords of those who log in.
    #[derive(Default)]
    WebLogin, "way to log in",

    /// A file of HPS: `hps-web user`.
    #[default]
    File = "file",
    /// PAM of this machine, with the service `hps-web`.
    Pam = "pam",
}

impl Default for WebSettings {
    fn default() -> Self {
        let login = WebLogin::default();
        Self { server: false, port: 8443, address: None, certificate: None, key: None, login, changes: false }
    }
}

impl WebSettings {
    /// Its contradictions.
    pub(super) fn check(&self, http_port: u16, found: &mut SettingErrors) {
        if self.port == 0 {
            found.add(&["web.port"], "web.port is 0: expected 1 to 65535".to_owned());
        }
        if self.server && self.port == http_port {
            let problem = format!("web.port is {http_port}, which is network.http_port: choose another one");
            found.add(&["web.port", "network.http_port"], problem);
        }
        if self.changes && !self.server {
            let problem = "web.changes is true, but web.server is false: set it to true, or changes to false";
            found.add(&["web.changes", "web.server"], problem.to_owned());
        }
        if self.key.is_some() && self.certificate.is_none() {
            let problem = "web.key is given, but web.certificate is not: add the certificate of this key";
            found.add(&["web.key", "web.certificate"], problem.to_owned());
        }
    }
}
