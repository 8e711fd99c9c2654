// SPDX-License-Identifier: GPL-3.0-or-later
//! What each service manager can do with the services.

use super::detached::RunAs;
use super::service::{Service, ServiceError};
use crate::types::InterfaceName;
use std::fmt::Debug;
use std::path::PathBuf;

/// A service manager of this machine. A method called with no services does nothing.
pub trait ServiceManager: Debug {
    /// The file by which it knows a service, and its format; `None` if it needs none.
    fn definition(&self, service: Service) -> Option<(DefinitionFormat, PathBuf)>;

    /// Whether the service runs now.
    fn is_running(&self, service: Service) -> bool;

    /// Reads the definitions again, then starts each service, or restarts it if it runs. `run_as` is for a service
    /// whose definition does not name its user.
    ///
    /// # Errors
    /// [`ServiceError`].
    fn restart(&self, services: &[Service], run_as: RunAs<'_>) -> Result<(), ServiceError>;

    /// Ends services, and keeps them ended at the next start of this machine if the manager can
    /// ([`ServiceManager::at_boot`]). Those that do not run may be among them.
    ///
    /// # Errors
    /// [`ServiceError`].
    fn stop(&self, services: &[Service]) -> Result<(), ServiceError>;

    /// Ends services whose definitions will be removed. [`ServiceManager::forget`] must follow the removal.
    ///
    /// # Errors
    /// [`ServiceError`].
    fn retire(&self, services: &[Service]) -> Result<(), ServiceError>;

    /// Forgets services whose definitions were removed.
    ///
    /// # Errors
    /// [`ServiceError`].
    fn forget(&self, services: &[Service]) -> Result<(), ServiceError>;

    /// Sends SIGHUP to a service if it runs, so that it reads its files again.
    ///
    /// # Errors
    /// [`ServiceError`].
    fn reread(&self, service: Service) -> Result<(), ServiceError>;

    /// The command that shows why a service ended.
    fn log_command(&self, service: Service) -> String;

    /// What it does with the services when this machine starts.
    fn at_boot(&self) -> AtBoot;

    /// The unit that is there as long as the interface is, if the manager knows one. The services can depend on it.
    fn interface_unit(&self, interface: &InterfaceName) -> Option<String>;
}

/// Which services a manager starts when this machine starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtBoot {
    /// Those that were started and not stopped.
    Kept,
    /// All that are defined, stopped ones too.
    Defined,
    /// None.
    Nothing,
}

/// The format of a file by which a service manager knows a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinitionFormat {
    /// systemd.unit(5).
    Unit,
    /// A file of supervisord's `conf.d`.
    Program,
}
