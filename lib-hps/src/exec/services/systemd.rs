// SPDX-License-Identifier: GPL-3.0-or-later
//! The services as units of systemd: `systemctl`.

use super::detached::RunAs;
use super::manager::{AtBoot, DefinitionFormat, ServiceManager};
use super::service::{Service, ServiceError};
use crate::exec::limit::{Limit, NEVER};
use crate::exec::run::Run;
use crate::types::InterfaceName;
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
        // What it starts with may be another interface now, and `enable` would leave the old link.
        on_units(&["reenable", "--quiet"], services)?;
        on_units(&["restart"], services)
    }

    fn stop(&self, services: &[Service]) -> Result<(), ServiceError> {
        on_units(&["disable", "--quiet", "--now"], services)
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

    fn at_boot(&self) -> AtBoot {
        AtBoot::Kept
    }

    /// udev makes it. In a container there is no udev, and a service that waited for the unit would never start.
    fn interface_unit(&self, interface: &InterfaceName) -> Option<String> {
        let unit = device_unit(interface);
        let is_there = systemctl().args(["is-active", "--quiet"]).arg(&unit).output(Limit::QUESTION, &NEVER).is_ok();
        is_there.then_some(unit)
    }
}

fn unit(service: Service) -> String {
    format!("{}.service", service.unit())
}

/// The name of the unit of `/sys/subsystem/net/devices/NAME`, escaped as in systemd.unit(5).
fn device_unit(interface: &InterfaceName) -> String {
    let escaped: String = interface
        .as_str()
        .chars()
        .map(|c| match c {
            '.' | '_' | ':' => c.to_string(),
            c if c.is_ascii_alphanumeric() => c.to_string(),
            c => format!("\\x{:02x}", u32::from(c)),
        })
        .collect();
    format!("sys-subsystem-net-devices-{escaped}.device")
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

#[cfg(test)]
mod tests {
    use super::device_unit;

    /// `systemd-escape --path --suffix=device /sys/subsystem/net/devices/NAME` gives the same.
    #[test]
    fn an_interface_has_the_unit_of_its_escaped_path() {
        for (name, unit) in [("eth1", "eth1"), ("br-lan", r"br\x2dlan"), ("bond0.7", "bond0.7"), ("en_x", "en_x")] {
            let expected = format!("sys-subsystem-net-devices-{unit}.device");
            assert_eq!(device_unit(&name.parse().unwrap()), expected);
        }
    }
}
