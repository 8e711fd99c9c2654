// SPDX-License-Identifier: GPL-3.0-or-later
//! The services as processes of their own, without a service manager.

use super::detached::RunAs;
use super::files::ServiceFiles;
use super::manager::{AtBoot, DefinitionFormat, ServiceManager};
use super::pid_file::PidFileService;
use super::service::{Service, ServiceError};
use crate::config::HpsConf;
use crate::types::InterfaceName;
use std::path::PathBuf;

/// Processes with pid files.
#[derive(Debug)]
pub(super) struct Processes<'a> {
    files: ServiceFiles<'a>,
}

impl<'a> Processes<'a> {
    pub(super) fn new(conf: &'a HpsConf) -> Self {
        Self { files: ServiceFiles::new(conf) }
    }

    fn process(&self, service: Service) -> PidFileService<'a> {
        PidFileService::new(service, self.files)
    }
}

impl ServiceManager for Processes<'_> {
    fn definition(&self, _: Service) -> Option<(DefinitionFormat, PathBuf)> {
        None
    }

    fn is_running(&self, service: Service) -> bool {
        self.process(service).pid().is_some()
    }

    fn restart(&self, services: &[Service], run_as: RunAs<'_>) -> Result<(), ServiceError> {
        for service in services {
            let process = self.process(*service);
            process.stop()?;
            process.start(run_as)?;
        }
        Ok(())
    }

    fn stop(&self, services: &[Service]) -> Result<(), ServiceError> {
        services.iter().try_for_each(|service| self.process(*service).stop())
    }

    fn retire(&self, services: &[Service]) -> Result<(), ServiceError> {
        self.stop(services)
    }

    fn forget(&self, _: &[Service]) -> Result<(), ServiceError> {
        Ok(())
    }

    fn reread(&self, service: Service) -> Result<(), ServiceError> {
        self.process(service).hang_up()
    }

    fn log_command(&self, _: Service) -> String {
        format!("ls {}", self.files.log_folder().display())
    }

    fn at_boot(&self) -> AtBoot {
        AtBoot::Nothing
    }

    fn interface_unit(&self, _: &InterfaceName) -> Option<String> {
        None
    }
}
