// SPDX-License-Identifier: GPL-3.0-or-later
//! Starting, replacing and ending the services: under systemd, under supervisord, or as processes with pid files.

mod detached;
mod files;
mod manager;
mod other_chronyd;
mod pid_file;
mod proc;
mod processes;
mod service;
mod supervisord;
mod systemd;

pub use detached::RunAs;
pub use files::ServiceFiles;
pub use manager::{AtBoot, DefinitionFormat, ServiceManager};
pub use other_chronyd::other_chronyd;
pub use service::{Service, ServiceError};

use crate::config::{HpsConf, ServiceManagerSetting};
use processes::Processes;
use supervisord::Supervisord;
use systemd::Systemd;

/// The folders in which systemd and supervisord look for the files of an administrator.
pub const DEFINITION_FOLDERS: [&str; 2] = [systemd::UNITS, supervisord::PROGRAMS];

/// Whether a process was started with the configuration of a service of this site. Any service manager names it in the
/// arguments.
pub fn is_process_of(service: Service, conf: &HpsConf, pid: i32) -> bool {
    proc::has_argument(pid, &ServiceFiles::new(conf).configuration(service))
}

/// What starts and ends the services on this machine; `None` if `hps.conf` says that HPS does not.
pub fn detect(conf: &HpsConf) -> Option<Box<dyn ServiceManager + '_>> {
    match conf.service_manager() {
        ServiceManagerSetting::Systemd => Some(Box::new(Systemd)),
        ServiceManagerSetting::Supervisord => Some(Box::new(Supervisord)),
        ServiceManagerSetting::Plain => Some(Box::new(Processes::new(conf))),
        ServiceManagerSetting::None => None,
        ServiceManagerSetting::Auto if systemd::is_process_1() => Some(Box::new(Systemd)),
        ServiceManagerSetting::Auto if supervisord::answers() => Some(Box::new(Supervisord)),
        ServiceManagerSetting::Auto => Some(Box::new(Processes::new(conf))),
    }
}
