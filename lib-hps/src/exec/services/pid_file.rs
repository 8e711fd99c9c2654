// SPDX-License-Identifier: GPL-3.0-or-later
//! A service as a process of its own, known by its pid file.

use super::detached::{Detached, RunAs};
use super::files::ServiceFiles;
use super::proc;
use super::service::{Service, ServiceError};
use crate::exec::limit::Limit;
use crate::exec::run::Run;
use crate::exec::{chronyd, dnsmasq, lighttpd};
use crate::files::read_input;
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a service may need to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a service may need to write its pid file.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the file is checked.
const PAUSE: Duration = Duration::from_millis(20);
/// A pid file has the number of a process and a line end.
const MAX_PID_BYTES: u64 = 32;

/// A service as a process of its own, known by its pid file.
#[derive(Debug)]
pub(super) struct PidFileService<'a> {
    service: Service,
    /// Distinguishes its process from others.
    configuration: PathBuf,
    pid_file: PathBuf,
    page_socket: PathBuf,
    changes_socket: PathBuf,
    log: &'a Path,
}

impl<'a> PidFileService<'a> {
    pub(super) fn new(service: Service, files: ServiceFiles<'a>) -> Self {
        let (configuration, pid_file) = (files.configuration(service), files.pid_file(service));
        Self {
            service,
            configuration,
            pid_file,
            page_socket: files.page_socket(),
            changes_socket: files.changes_socket(),
            log: files.log_folder(),
        }
    }

    /// The number of its process, if it runs. The pid file may be old: its process may be gone, or another program may
    /// have the number now.
    pub(super) fn pid(&self) -> Option<i32> {
        let text = String::from_utf8(read_input(&self.pid_file, MAX_PID_BYTES).ok()?).ok()?;
        let pid: i32 = text.trim().parse().ok()?;
        (pid > 1 && proc::has_argument(pid, &self.configuration)).then_some(pid)
    }

    /// Ends it, if it runs.
    pub(super) fn stop(&self) -> Result<(), ServiceError> {
        let Some(pid) = self.pid() else { return Ok(()) };
        self.signal(pid, Signal::TERM)?;
        let begun = Instant::now();
        // A service removes its pid file, and then loses its command line, before it releases its ports.
        while !proc::has_ended(pid) {
            if begun.elapsed() > STOP_TIMEOUT {
                return Err(ServiceError::DoesNotEnd { pid, program: self.service.program() });
            }
            std::thread::sleep(PAUSE);
        }
        // Most services remove their own. A remaining one does not name a process of ours any more.
        let _stays = std::fs::remove_file(&self.pid_file);
        Ok(())
    }

    /// Starts it; it must not run. The error has the output of the service, for example that its port is in use.
    pub(super) fn start(&self, run_as: RunAs<'_>) -> Result<(), ServiceError> {
        match self.service {
            Service::Dnsmasq => {
                let mut argument = std::ffi::OsString::from("--conf-file=");
                argument.push(&self.configuration);
                self.daemon(Run::new("dnsmasq", dnsmasq::PACKAGE).arg(argument))
            }
            Service::Lighttpd | Service::WebTls => {
                self.daemon(Run::new("lighttpd", lighttpd::PACKAGE).arg("-f").path(&self.configuration))
            }
            Service::Chronyd => self.daemon(
                Run::new("chronyd", chronyd::PACKAGE)
                    .arg("-f")
                    .path(&self.configuration)
                    .arg("-l")
                    .path(&self.log.join("chronyd.log")),
            ),
            Service::Notify => self.detach(&["notify", "--follow"], "notify.log", run_as, false),
            // It makes its socket as root, and then becomes another user by itself.
            Service::Web => {
                let socket = self.page_socket.to_string_lossy();
                let changes = self.changes_socket.to_string_lossy();
                let arguments = ["--socket", &socket, "--user", run_as.user, "--changes", &changes];
                self.detach(&arguments, "hps-web.log", run_as, true)
            }
            Service::WebChanges => {
                let socket = self.changes_socket.to_string_lossy();
                self.detach(&["serve-changes", "--socket", &socket], "hps-web-changes.log", run_as, true)
            }
        }
    }

    /// Starts a program of ours.
    fn detach(&self, arguments: &[&str], log: &str, run_as: RunAs<'_>, as_root: bool) -> Result<(), ServiceError> {
        let detached = Detached {
            name: self.service.program(),
            program: &self.configuration,
            arguments,
            pid_file: &self.pid_file,
            output: &self.log.join(log),
            as_root,
        };
        detached.start(run_as)
    }

    /// Starts a program that goes into the background by itself and writes its pid file.
    fn daemon(&self, run: Run) -> Result<(), ServiceError> {
        run.service(Limit::CHECK)?;
        let begun = Instant::now();
        while self.pid().is_none() {
            if begun.elapsed() > START_TIMEOUT {
                return Err(ServiceError::EndedAtOnce { program: self.service.program(), log: self.log.to_path_buf() });
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Sends it SIGHUP, if it runs.
    pub(super) fn hang_up(&self) -> Result<(), ServiceError> {
        self.pid().map_or(Ok(()), |pid| self.signal(pid, Signal::HUP))
    }

    fn signal(&self, pid: i32, signal: Signal) -> Result<(), ServiceError> {
        let Some(process) = Pid::from_raw(pid) else { return Ok(()) };
        match kill_process(process, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(problem) => Err(ServiceError::Signal { pid, program: self.service.program(), problem: problem.into() }),
        }
    }
}
