// SPDX-License-Identifier: GPL-3.0-or-later
//! The configuration of the lighttpd in front of `hps-web`: TLS (mod_openssl) and the login (mod_auth). It is another
//! process than the one that machines boot from, so a mistake in a certificate keeps no machine from booting.

use super::lighttpd::USER;
use crate::config::{Cluster, WebLogin};
use std::fmt::Write as _;
use std::path::Path;

/// The last line of a whole configuration.
pub const END: &str = "# end of the configuration of HPS for the page";

/// The service of PAM that is asked: `/etc/pam.d/hps-web`.
pub const PAM_SERVICE: &str = "hps-web";

/// Where this lighttpd reads and writes its files.
#[derive(Debug)]
pub struct Places<'a> {
    /// An empty folder: nothing is served from files.
    pub root: &'a Path,
    /// The socket of `hps-web`.
    pub socket: &'a Path,
    /// The certificate with its key, if the cluster file names none.
    pub own_certificate: &'a Path,
    /// The names and the hashes of the passwords.
    pub users: &'a Path,
    /// The folder of its logs, which its user writes to.
    pub log: &'a Path,
    /// The pid file.
    pub pid: &'a Path,
}

/// The lines that set the address it listens on.
pub fn place(cluster: &Cluster) -> [String; 2] {
    let address = cluster.web.address.map_or_else(|| "0.0.0.0".to_owned(), |address| address.to_string());
    [format!(r#"server.bind = "{address}""#), format!("server.port = {}", cluster.web.port)]
}

/// The whole configuration. Every path is one of `hps.conf` or a `SitePath`, which have harmless characters only.
pub fn configuration(cluster: &Cluster, places: &Places<'_>) -> String {
    let web = &cluster.web;
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "{text}");
    };
    line(format_args!(
        "# Written by reload from the cluster {}. Changes are lost; edit the cluster file.",
        cluster.name
    ));
    let login = match web.login {
        WebLogin::File => "mod_authn_file",
        WebLogin::Pam => "mod_authn_pam",
    };
    line(format_args!(
        r#"server.modules = ("mod_access", "mod_auth", "{login}", "mod_setenv", "mod_proxy", "mod_openssl", "mod_accesslog")"#
    ));
    for place in place(cluster) {
        line(format_args!("{place}"));
    }
    line(format_args!(r#"server.username = "{USER}""#));
    line(format_args!(r#"server.groupname = "{USER}""#));
    line(format_args!(r#"server.document-root = "{}""#, places.root.display()));
    line(format_args!(r#"server.pid-file = "{}""#, places.pid.display()));
    line(format_args!(r#"server.errorlog = "{}/page-error.log""#, places.log.display()));
    line(format_args!("server.max-request-size = 64"));
    line(format_args!("server.max-read-idle = 30"));
    line(format_args!("server.max-connections = 256"));
    line(format_args!("\n# Who asked for what. The query is left out."));
    line(format_args!(r#"accesslog.filename = "{}/page-access.log""#, places.log.display()));
    line(format_args!(r#"accesslog.format = "%h %u %{{%Y-%m-%dT%H:%M:%S%z}}t %m %U %s %b""#));
    line(format_args!(""));
    line(format_args!(r#"ssl.engine = "enable""#));
    match &web.certificate {
        Some(certificate) => line(format_args!(r#"ssl.pemfile = "{certificate}""#)),
        None => line(format_args!(r#"ssl.pemfile = "{}""#, places.own_certificate.display())),
    }
    if let Some(key) = &web.key {
        line(format_args!(r#"ssl.privkey = "{key}""#));
    }
    line(format_args!(r#"ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2")"#));
    line(format_args!(r#"setenv.add-response-header = ("Strict-Transport-Security" => "max-age=31536000")"#));
    line(format_args!("\n# Without a login there is nothing."));
    match web.login {
        WebLogin::File => {
            line(format_args!(r#"auth.backend = "htpasswd""#));
            line(format_args!(r#"auth.backend.htpasswd.userfile = "{}""#, places.users.display()));
        }
        WebLogin::Pam => {
            line(format_args!(r#"auth.backend = "pam""#));
            line(format_args!(r#"auth.backend.pam.opts = ("service" => "{PAM_SERVICE}")"#));
        }
    }
    line(format_args!(r#"auth.require = ("" => ("method" => "basic", "realm" => "HPS", "require" => "valid-user"))"#));
    line(format_args!("\n# A login only reads."));
    if web.changes {
        line(format_args!("# A change needs a token instead, which hps-web checks."));
        line(format_args!(r#"$HTTP["request-method"] == "POST" {{"#));
        line(format_args!(r#"  $HTTP["url"] =~ "^/api/v1/hosts/[^/]+/(arm|disarm|power)$" {{ auth.require = () }}"#));
        line(format_args!(
            r#"  $HTTP["url"] !~ "^/api/v1/hosts/[^/]+/(arm|disarm|power)$" {{ url.access-deny = ("") }}"#
        ));
        line(format_args!("}}"));
        line(format_args!(r#"$HTTP["request-method"] !~ "^(GET|HEAD|POST)$" {{ url.access-deny = ("") }}"#));
    } else {
        line(format_args!(r#"$HTTP["request-method"] !~ "^(GET|HEAD)$" {{ url.access-deny = ("") }}"#));
    }
    line(format_args!(r#"proxy.server = ("" => (("socket" => "{}")))"#, places.socket.display()));
    line(format_args!("# Events are sent on as they come."));
    line(format_args!("server.stream-response-body = 1"));
    line(format_args!("\n{END}"));
    out
}

/// Whether a configuration is whole.
pub fn is_complete(text: &str) -> bool {
    text.ends_with(&format!("\n{END}\n"))
}
