// SPDX-License-Identifier: GPL-3.0-or-later
//! The folders that `hps.conf` names, with their defaults.

/// A folder that `hps.conf` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dir {
    /// Logs of the services and of hosts.
    Log,
    /// Scripts of the site.
    Scripts,
    /// What lighttpd serves at `/`.
    HttpStatic,
    /// lighttpd's own files.
    HttpConfig,
    /// The CGI program.
    HttpCgi,
    /// Menu texts of the site.
    MenuConfig,
    /// What TFTP serves.
    Tftp,
    /// Cluster files, and a folder of state for each cluster.
    Clusters,
    /// Generated configuration of dnsmasq and lighttpd.
    Services,
    /// Published trees and images.
    Distros,
    /// Local package repositories.
    Packages,
    /// State that outlives clusters: the site key, leases, which machines were ever installed.
    State,
    /// Pid files and locks of running services.
    Run,
}

/// Name, default below `/`, and what the written file says about it.
pub(super) const DIRS: [(Dir, &str, &str, &str); 13] = [
    (Dir::Log, "HPS_LOG_DIR", "srv/log", "logs of the services and of hosts"),
    (Dir::Scripts, "HPS_SCRIPTS_DIR", "srv/hps-system/scripts", "scripts of the site"),
    (Dir::HttpStatic, "HPS_HTTP_STATIC_DIR", "srv/hps-system/http", "what lighttpd serves at /"),
    (Dir::HttpConfig, "HPS_HTTP_CONFIG_DIR", "srv/hps-system/http", "lighttpd's own files"),
    (Dir::HttpCgi, "HPS_HTTP_CGI_DIR", "srv/hps-system/http/cgi-bin", "the boot manager"),
    (Dir::MenuConfig, "HPS_MENU_CONFIG_DIR", "srv/hps-system/http/menu", "menu texts of the site"),
    (Dir::Tftp, "HPS_TFTP_DIR", "srv/hps-config/tftp", "boot loaders, served by TFTP"),
    (Dir::Clusters, "HPS_CLUSTER_CONFIG_BASE_DIR", "srv/hps-config/clusters", "cluster files and their hosts"),
    (Dir::Services, "HPS_SERVICE_CONFIG_DIR", "srv/hps-config/services", "generated configuration"),
    (Dir::Distros, "HPS_DISTROS_DIR", "srv/hps-resources/distros", "installation trees and images"),
    (Dir::Packages, "HPS_PACKAGES_DIR", "srv/hps-resources/packages", "local package repositories"),
    (Dir::State, "HPS_STATE_DIR", "srv/hps-config/state", "site key, leases, machines ever installed"),
    (Dir::Run, "HPS_RUN_DIR", "run/hps", "pid files of services run without a service manager"),
];
