// SPDX-License-Identifier: GPL-3.0-or-later
//! The configuration of lighttpd: the boot manager as CGI, and the published files.

use crate::config::Cluster;
use std::fmt::Write as _;
use std::path::Path;

/// The last line of a whole configuration.
pub const END: &str = "# end of the lighttpd configuration of HPS";

/// Where lighttpd reads and writes its files.
#[derive(Debug)]
pub struct Places<'a> {
    /// The folder that is served at `/`.
    pub root: &'a Path,
    /// The folder of the CGI program.
    pub cgi: &'a Path,
    /// Published trees and images, at `/distros/`.
    pub distros: &'a Path,
    /// Package repositories, at `/packages/`.
    pub packages: &'a Path,
    /// Boot loaders, at `/boot/`, for firmware that boots by HTTP.
    pub tftp: &'a Path,
    /// The folder of its logs, which its user writes to.
    pub log: &'a Path,
    /// The pid file.
    pub pid: &'a Path,
    /// Where large request bodies are stored while they arrive.
    pub upload: &'a Path,
    /// `hps.conf`; the CGI gets this path.
    pub conf: &'a Path,
}

/// The user that lighttpd and the CGI run as.
pub const USER: &str = "hps";

/// The lines that set the address it listens on.
pub fn place(cluster: &Cluster) -> [String; 2] {
    [format!(r#"server.bind = "{}""#, cluster.server()), format!("server.port = {}", cluster.network.http_port)]
}

/// The whole configuration. Every path is one of `hps.conf`, which has harmless characters only.
pub fn configuration(cluster: &Cluster, places: &Places<'_>) -> String {
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "{text}");
    };
    line(format_args!(
        "# Written by reload from the cluster {}. Changes are lost; edit the cluster file.",
        cluster.name
    ));
    line(format_args!(r#"server.modules = ("mod_access", "mod_alias", "mod_setenv", "mod_cgi", "mod_accesslog")"#));
    for place in place(cluster) {
        line(format_args!("{place}"));
    }
    line(format_args!(r#"server.username = "{USER}""#));
    line(format_args!(r#"server.groupname = "{USER}""#));
    line(format_args!(r#"server.document-root = "{}""#, places.root.display()));
    line(format_args!(r#"server.pid-file = "{}""#, places.pid.display()));
    line(format_args!(r#"server.errorlog = "{}/error.log""#, places.log.display()));
    // Where messages of the boot manager go: a daemon has no other stderr.
    line(format_args!(r#"server.breakagelog = "{}/boot_manager.log""#, places.log.display()));
    line(format_args!(r#"server.upload-dirs = ("{}")"#, places.upload.display()));
    line(format_args!(r#"server.follow-symlink = "disable""#));
    line(format_args!("server.max-request-size = 2048"));
    line(format_args!("server.max-keep-alive-idle = 5"));
    line(format_args!("server.max-read-idle = 60"));
    line(format_args!("server.max-write-idle = 360"));
    line(format_args!(r#"mimetype.assign = ("" => "application/octet-stream")"#));
    line(format_args!("\n# The query holds tickets and tokens: %U leaves it out."));
    line(format_args!(r#"accesslog.filename = "{}/access.log""#, places.log.display()));
    line(format_args!(r#"accesslog.format = "%h %{{%Y-%m-%dT%H:%M:%S%z}}t %m %U %s %b""#));
    line(format_args!("\nalias.url = ("));
    // An alias matches by prefix, so the longer name comes first.
    line(format_args!(r#"  "/cgi-bin/boot_manager.sh" => "{}/boot_manager","#, places.cgi.display()));
    line(format_args!(r#"  "/cgi-bin/boot_manager" => "{}/boot_manager","#, places.cgi.display()));
    line(format_args!(r#"  "/distros/" => "{}/","#, places.distros.display()));
    line(format_args!(r#"  "/packages/" => "{}/","#, places.packages.display()));
    // GRUB that was started by UEFI HTTP boot reads its first file from /grub/.
    line(format_args!(r#"  "/grub/" => "{}/grub/","#, places.tftp.display()));
    line(format_args!(r#"  "/boot/" => "{}/""#, places.tftp.display()));
    line(format_args!(")"));
    line(format_args!("\n# Only this program is ever executed, even if a served tree has others."));
    line(format_args!(r#"$HTTP["url"] =~ "^/cgi-bin/boot_manager(\.sh)?$" {{"#));
    line(format_args!(r#"  setenv.set-environment = ("HPS_CONFIG" => "{}")"#, places.conf.display()));
    line(format_args!(r#"  cgi.assign = ("" => "")"#));
    line(format_args!("}}"));
    line(format_args!(r#"$HTTP["url"] =~ "^/cgi-bin/(?!boot_manager(\.sh)?$)" {{ url.access-deny = ("") }}"#));
    line(format_args!(
        "\n# Hidden files of a served tree, such as its list of digests, are not served, except the two that installers request."
    ));
    line(format_args!(r#"$HTTP["url"] =~ "/\.(?!(treeinfo|discinfo)$)" {{ url.access-deny = ("") }}"#));
    line(format_args!(""));
    line(format_args!("{END}"));
    out
}

/// Whether a configuration is whole.
pub fn is_complete(text: &str) -> bool {
    text.ends_with(&format!("\n{END}\n"))
}
