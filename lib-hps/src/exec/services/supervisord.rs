// SPDX-License-Identifier: GPL-3.0-or-later
//! The services as programs of supervisord: `supervisorctl`.

use super::detached::RunAs;
use super::manager::{AtBoot, DefinitionFormat, ServiceManager};
use super::service::{Service, ServiceError};
use crate::exec::limit::{Limit, NEVER};
use crate::exec::run::Run;
use crate::types::InterfaceName;
use std::path::{Path, PathBuf};

/// Where Debian's supervisord reads programs.
pub(super) const PROGRAMS: &str = "/etc/supervisor/conf.d";

/// Whether it runs on this machine.
pub(super) fn answers() -> bool {
    supervisorctl().arg("pid").output(Limit::QUESTION, &NEVER).is_ok()
}

/// supervisord.
#[derive(Debug)]
pub(super) struct Supervisord;

impl ServiceManager for Supervisord {
    /// A service that comes and goes has a file of its own, so that the others keep running.
    fn definition(&self, service: Service) -> Option<(DefinitionFormat, PathBuf)> {
        let name = match service {
            Service::Dnsmasq | Service::Lighttpd => "hps.conf",
            Service::Chronyd => "hps-chronyd.conf",
            Service::Notify => "hps-notify.conf",
            Service::Web | Service::WebTls => "hps-web.conf",
            Service::WebChanges => "hps-web-changes.conf",
        };
        Some((DefinitionFormat::Program, Path::new(PROGRAMS).join(name)))
    }

    fn is_running(&self, service: Service) -> bool {
        on_programs("status", &[service]).is_ok()
    }

    fn restart(&self, services: &[Service], _: RunAs<'_>) -> Result<(), ServiceError> {
        on_programs("update", services)?;
        on_programs("restart", services)
    }

    fn stop(&self, services: &[Service]) -> Result<(), ServiceError> {
        // It refuses to stop what does not run.
        let running: Vec<Service> = services.iter().copied().filter(|service| self.is_running(*service)).collect();
        on_programs("stop", &running)
    }

    /// `supervisorctl update` ends programs without a file.
    fn retire(&self, _: &[Service]) -> Result<(), ServiceError> {
        Ok(())
    }

    fn forget(&self, services: &[Service]) -> Result<(), ServiceError> {
        on_programs("update", services)
    }

    fn reread(&self, service: Service) -> Result<(), ServiceError> {
        if self.is_running(service) {
            supervisorctl().args(["signal", "HUP", service.unit()]).output(Limit::CHECK, &NEVER)?;
        }
        Ok(())
    }

    fn log_command(&self, service: Service) -> String {
        format!("supervisorctl tail {}", service.unit())
    }

    fn at_boot(&self) -> AtBoot {
        AtBoot::Defined
    }

    fn interface_unit(&self, _: &InterfaceName) -> Option<String> {
        None
    }
}

fn supervisorctl() -> Run {
    Run::new("supervisorctl", "supervisor")
}

fn on_programs(verb: &str, services: &[Service]) -> Result<(), ServiceError> {
    if !services.is_empty() {
        let names = services.iter().map(|service| service.unit());
        supervisorctl().arg(verb).args(names).output(Limit::READ, &NEVER)?;
    }
    Ok(())
}
