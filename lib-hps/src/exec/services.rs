// SPDX-License-Identifier: GPL-3.0-or-later
//! Starting, replacing and ending dnsmasq, lighttpd and what calls the site's command: under systemd, under supervisord, or as processes with pid files.

use super::background::{self, AsWhom};
use super::{ExecError, Limit, NEVER, Run, dnsmasq, lighttpd};
use crate::config::ServiceManager;
use crate::files::read_input;
use rustix::process::{Pid, Signal, kill_process};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// One of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// DHCP, TFTP, DNS.
    Dnsmasq,
    /// HTTP.
    Lighttpd,
    /// `host-state notify --follow`, only where the cluster names a command.
    Notify,
}

impl Service {
    /// All there can be.
    pub const ALL: [Self; 3] = [Self::Dnsmasq, Self::Lighttpd, Self::Notify];

    /// The program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Dnsmasq => "dnsmasq",
            Self::Lighttpd => "lighttpd",
            Self::Notify => "hps-notify",
        }
    }

    /// The name under a service manager: `hps-dnsmasq`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Dnsmasq => "hps-dnsmasq",
            Self::Lighttpd => "hps-lighttpd",
            Self::Notify => "hps-notify",
        }
    }
}

/// Why a service is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A program failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A process does not end.
    #[error("process {pid} of {program} does not end; end it by hand and run reload again")]
    Stays {
        /// Its number.
        pid: i32,
        /// Its program.
        program: &'static str,
    },
    /// It started and is not there a moment later.
    #[error("{program} ended at once; see its log below {}", log.display())]
    Died {
        /// The program.
        program: &'static str,
        /// Where it may have said why.
        log: PathBuf,
    },
    /// What a process needs could not be made.
    #[error("{program} cannot be started: {}: {problem}", path.display())]
    Background {
        /// The program.
        program: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's word.
        problem: std::io::Error,
    },
    /// A signal could not be sent.
    #[error("process {pid} of {program} cannot be signalled: {problem}")]
    Signal {
        /// Its number.
        pid: i32,
        /// Its program.
        program: &'static str,
        /// The system's word.
        problem: std::io::Error,
    },
}

/// How long a service may take to end or to appear.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pid file holds the number of a process and the end of a line.
const LONGEST_NUMBER: u64 = 32;
/// A service has a few short ones.
const MOST_ARGUMENTS: u64 = 1 << 16;

/// What `auto` means on this machine.
pub fn detect(setting: ServiceManager) -> ServiceManager {
    if setting != ServiceManager::Auto {
        return setting;
    }
    if Path::new("/run/systemd/system").is_dir() {
        ServiceManager::Systemd
    } else if Run::new("supervisorctl", "supervisor").arg("pid").output(Limit::QUESTION, &NEVER).is_ok() {
        ServiceManager::Supervisord
    } else {
        ServiceManager::Plain
    }
}

/// A service as a process of its own, known by its pid file.
#[derive(Debug)]
pub struct Plain<'a> {
    /// Which.
    pub service: Service,
    /// Its configuration, by which its process is told from others; the program itself of one that has none.
    pub configuration: &'a Path,
    /// Its pid file.
    pub pid_file: &'a Path,
    /// The folder of its logs.
    pub log: &'a Path,
}

impl Plain<'_> {
    /// The number of its process, where it runs. A pid file left over by a process that is gone, or whose number another
    /// program has now, is not it.
    pub fn running(&self) -> Option<i32> {
        let text = String::from_utf8(read_input(self.pid_file, LONGEST_NUMBER).ok()?).ok()?;
        let pid: i32 = text.trim().parse().ok()?;
        (pid > 1 && self.is_ours(pid)).then_some(pid)
    }

    fn is_ours(&self, pid: i32) -> bool {
        let arguments = arguments_of(pid);
        let own = self.configuration.to_string_lossy();
        String::from_utf8_lossy(&arguments).split('\0').any(|a| a.ends_with(own.as_ref()))
    }

    /// Ends it, if it runs; `true` where it did.
    ///
    /// # Errors
    /// When it does not end in time.
    pub fn stop(&self) -> Result<bool, ServiceError> {
        let Some(pid) = self.running() else { return Ok(false) };
        self.signal(pid, Signal::TERM)?;
        let begun = Instant::now();
        // A service removes its pid file, and then loses its command line, before it lets its ports go.
        while !has_ended(pid) {
            if begun.elapsed() > PATIENCE {
                return Err(ServiceError::Stays { pid, program: self.service.program() });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        if self.service == Service::Notify {
            // The others remove their own. One that stays is told by its process anyway.
            let _stays = std::fs::remove_file(self.pid_file);
        }
        Ok(true)
    }

    /// Starts it; it must not run. `as_whom` is for what makes no daemon of itself.
    ///
    /// # Errors
    /// What it says is wrong, a port that is in use for one.
    pub fn start(&self, as_whom: AsWhom<'_>) -> Result<(), ServiceError> {
        match self.service {
            Service::Dnsmasq => {
                let mut argument = std::ffi::OsString::from("--conf-file=");
                argument.push(self.configuration);
                Run::new("dnsmasq", dnsmasq::PACKAGE).arg(argument).service(Limit::CHECK)?
            }
            Service::Lighttpd => {
                Run::new("lighttpd", lighttpd::PACKAGE).arg("-f").path(self.configuration).service(Limit::CHECK)?
            }
            Service::Notify => return background::start(self, as_whom),
        };
        let begun = Instant::now();
        while self.running().is_none() {
            if begun.elapsed() > PATIENCE {
                return Err(self.died());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn died(&self) -> ServiceError {
        ServiceError::Died { program: self.service.program(), log: self.log.to_path_buf() }
    }

    fn signal(&self, pid: i32, signal: Signal) -> Result<(), ServiceError> {
        let Some(process) = Pid::from_raw(pid) else { return Ok(()) };
        match kill_process(process, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(problem) => Err(ServiceError::Signal { pid, program: self.service.program(), problem: problem.into() }),
        }
    }
}

/// The arguments of a process, as it has them now: it can change them, and make them as long as its memory.
pub(super) fn arguments_of(pid: impl std::fmt::Display) -> Vec<u8> {
    let mut arguments = Vec::new();
    let file = std::fs::File::open(format!("/proc/{pid}/cmdline"));
    // One that is gone has none.
    let _read = file.and_then(|file| file.take(MOST_ARGUMENTS).read_to_end(&mut arguments));
    arguments
}

/// Whether a process holds nothing any more: it is gone, or only waits to be collected by its parent (proc_pid_stat(5)).
fn has_ended(pid: i32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return true };
    // The name stands in parentheses and may hold any character.
    matches!(stat.rsplit(") ").next().and_then(|rest| rest.chars().next()), Some('Z' | 'X'))
}

/// `systemctl` for our units: reads them anew, enables and restarts them.
///
/// # Errors
/// What systemctl says.
pub fn systemd_restart(services: &[Service]) -> Result<(), ServiceError> {
    systemctl(&["daemon-reload"], &[])?;
    systemctl(&["enable", "--quiet"], services)?;
    systemctl(&["restart"], services)
}

/// Ends our units.
///
/// # Errors
/// What systemctl says.
pub fn systemd_stop(services: &[Service]) -> Result<(), ServiceError> {
    systemctl(&["stop"], services)
}

/// Ends units whose files are to be removed, and takes them out of what is started with the machine.
///
/// # Errors
/// What systemctl says.
pub fn systemd_disable(services: &[Service]) -> Result<(), ServiceError> {
    systemctl(&["disable", "--quiet", "--now"], services)
}

/// Makes systemd forget units whose files were removed.
///
/// # Errors
/// What systemctl says.
pub fn systemd_forget() -> Result<(), ServiceError> {
    systemctl(&["daemon-reload"], &[])
}

/// Whether a unit runs.
pub fn systemd_runs(service: Service) -> bool {
    systemctl(&["is-active", "--quiet"], &[service]).is_ok()
}

fn systemctl(arguments: &[&str], services: &[Service]) -> Result<(), ServiceError> {
    let units = services.iter().map(|s| format!("{}.service", s.unit()));
    Run::new("systemctl", "systemd").args(arguments).args(units).output(Limit::READ, &NEVER)?;
    Ok(())
}

/// Makes dnsmasq read its hosts again. It sees new files by itself; a changed or removed one only then (dnsmasq(8),
/// `dhcp-hostsdir`). One that does not run needs nothing.
///
/// # Errors
/// What the service manager says.
pub fn reread_hosts(manager: ServiceManager, plain: &Plain<'_>) -> Result<(), ServiceError> {
    let unit = Service::Dnsmasq.unit();
    match manager {
        ServiceManager::Plain => plain.running().map_or(Ok(()), |pid| plain.signal(pid, Signal::HUP)),
        ServiceManager::Systemd if systemd_runs(Service::Dnsmasq) => {
            Run::new("systemctl", "systemd")
                .args(["kill", "--kill-whom=main", "--signal=HUP", unit])
                .output(Limit::CHECK, &NEVER)?;
            Ok(())
        }
        ServiceManager::Supervisord if supervisord_runs(Service::Dnsmasq) => {
            Run::new("supervisorctl", "supervisor").args(["signal", "HUP", unit]).output(Limit::CHECK, &NEVER)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `supervisorctl` for our programs: reads the configuration anew and restarts them.
///
/// # Errors
/// What supervisorctl says.
pub fn supervisord_restart(services: &[Service]) -> Result<(), ServiceError> {
    supervisorctl(&["update"], services)?;
    supervisorctl(&["restart"], services)
}

/// Ends our programs.
///
/// # Errors
/// What supervisorctl says.
pub fn supervisord_stop(services: &[Service]) -> Result<(), ServiceError> {
    supervisorctl(&["stop"], services)
}

/// Makes supervisord forget programs whose file was removed.
///
/// # Errors
/// What supervisorctl says.
pub fn supervisord_forget(services: &[Service]) -> Result<(), ServiceError> {
    supervisorctl(&["update"], services)
}

/// Whether a program runs.
pub fn supervisord_runs(service: Service) -> bool {
    supervisorctl(&["status"], &[service]).is_ok()
}

fn supervisorctl(arguments: &[&str], services: &[Service]) -> Result<(), ServiceError> {
    Run::new("supervisorctl", "supervisor")
        .args(arguments)
        .args(services.iter().map(|s| s.unit()))
        .output(Limit::READ, &NEVER)?;
    Ok(())
}
