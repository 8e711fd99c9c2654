// SPDX-License-Identifier: GPL-3.0-or-later
//! Where the files of the services are.

use super::service::Service;
use crate::config::{Dir, HpsConf};
use std::path::{Path, PathBuf};

/// The files of the services, in the folders of `hps.conf`.
#[derive(Debug, Clone, Copy)]
pub struct ServiceFiles<'a> {
    conf: &'a HpsConf,
}

impl<'a> ServiceFiles<'a> {
    /// In the folders of `conf`.
    pub fn new(conf: &'a HpsConf) -> Self {
        Self { conf }
    }

    /// The files that a service reads when it starts. Without a configuration: its program, of which it has a copy of
    /// its own.
    pub fn configuration(&self, service: Service) -> PathBuf {
        let name = match service {
            Service::Dnsmasq => "dnsmasq.conf",
            Service::Lighttpd => "lighttpd.conf",
            Service::Chronyd => "chrony.conf",
            Service::Notify => "hps-notify",
            Service::Web => "hps-web",
            Service::WebTls => "web-lighttpd.conf",
            Service::WebChanges => "hps-web-changes",
        };
        self.conf.dir(Dir::Services).join(name)
    }

    /// The pid file of a service that runs without a service manager.
    pub fn pid_file(&self, service: Service) -> PathBuf {
        let name = match service {
            Service::Dnsmasq => "dnsmasq.pid",
            Service::Lighttpd => "lighttpd.pid",
            Service::Chronyd => "chronyd.pid",
            Service::Notify => "notify.pid",
            Service::Web => "web.pid",
            Service::WebTls => "web-tls.pid",
            Service::WebChanges => "web-changes.pid",
        };
        self.conf.dir(Dir::Run).join(name)
    }

    /// The folder of the socket of `hps-web`. Root alone makes something in it, and the web server's group enters it.
    pub fn page_folder(&self) -> PathBuf {
        self.conf.dir(Dir::Run).join("web")
    }

    /// The socket of `hps-web`.
    pub fn page_socket(&self) -> PathBuf {
        self.page_folder().join("page.sock")
    }

    /// The socket of the helper that makes changes over the API.
    pub fn changes_socket(&self) -> PathBuf {
        self.page_folder().join("changes.sock")
    }

    /// The folder of their logs.
    pub fn log_folder(&self) -> &'a Path {
        self.conf.dir(Dir::Log)
    }

    /// The rules for logrotate, which an administrator may link.
    pub fn logrotate(&self) -> PathBuf {
        self.conf.dir(Dir::Services).join("logrotate.conf")
    }
}
