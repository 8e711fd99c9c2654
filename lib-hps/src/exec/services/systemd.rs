// SPDX-License-Identifier: GPL-3.0-or-later
//! The services as units of systemd: `systemctl`.

use super::detached::RunAs;
use super::manager::{DefinitionFormat, ServiceManager};
use super::service::{Service, ServiceError};
use crate::exec::limit::{Limit, NEVER};
use crate::exec::run::Run;
use std::path::{Path, PathBuf};

/// Where systemd reads units of the administrator.
pub(super) const UNITS: &str = "/etc/systemd/system";

/// Whether systemd started this machine (sd_booted(3)).
pub(super) fn is_process_1() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// systemd.
#[derive(Debug)]
pub(super) struct Systemd;

impl ServiceManager for Systemd {
    fn definition(&self, service: Service) -> Option<(DefinitionFormat, PathBuf)> {
        Some((DefinitionFormat::Unit, Path::new(UNITS).join(unit(service))))
    }

    fn is_running(&self, service: Service) -> bool {
        on_units(&["is-active", "--quiet"], &[service]).is_ok()
    }

    fn restart(&self, services: &[Service], _: RunAs<'_>) -> Result<(), ServiceError> {
        daemon_reload(services)?;
        on_units(&["enable", "--quiet"], services)?;
        on_units(&["restart"], services)
    }

    fn stop(&self, services: &[Service]) -> Result<(), ServiceError> {
        on_units(&["stop"], services)
    }

    fn retire(&self, services: &[Service]) -> Result<(), ServiceError> {
        on_units(&["disable", "--quiet", "--now"], services)
    }

    fn forget(&self, services: &[Service]) -> Result<(), ServiceError> {
        daemon_reload(services)
    }

    fn reread(&self, service: Service) -> Result<(), ServiceError> {
        if self.is_running(service) {
            systemctl()
                .args(["kill", "--kill-whom=main", "--signal=HUP"])
                .arg(unit(service))
                .output(Limit::CHECK, &NEVER)?;
        }
        Ok(())
    }

    fn log_command(&self, service: Service) -> String {
        format!("journalctl -u {}", service.unit())
    }
}

fn unit(service: Service) -> String {
    format!("{}.service", service.unit())
}

fn systemctl() -> Run {
    Run::new("systemctl", "systemd")
}

fn on_units(verb: &[&str], services: &[Service]) -> Result<(), ServiceError> {
    if !services.is_empty() {
        systemctl().args(verb).args(services.iter().map(|service| unit(*service))).output(Limit::READ, &NEVER)?;
    }
    Ok(())
}

fn daemon_reload(services: &[Service]) -> Result<(), ServiceError> {
    if !services.is_empty() {
        systemctl().arg("daemon-reload").output(Limit::READ, &NEVER)?;
    }
    Ok(())
}
