// SPDX-License-Identifier: GPL-3.0-or-later
//! Another chronyd of this machine. Debian's own has no open port, since it serves nobody, so only `/proc` shows it.

use super::files::ServiceFiles;
use super::proc;
use super::service::Service;
use crate::config::HpsConf;
use std::path::Path;

/// The process of a chronyd that sets the clock of this machine and was not started with the configuration of this
/// site. One with `-x` sets no clock (chronyd(8)). One in a container with a PID namespace of its own does not count.
///
/// # Errors
/// When `/proc` cannot be read. Only root may read all of it.
pub fn other_chronyd(conf: &HpsConf) -> std::io::Result<Option<i32>> {
    let own = ServiceFiles::new(conf).configuration(Service::Chronyd);
    let namespace = std::fs::read_link("/proc/self/ns/pid")?;
    for entry in std::fs::read_dir("/proc")? {
        let Ok(pid) = entry?.file_name().to_string_lossy().parse::<i32>() else { continue };
        let process = Path::new("/proc").join(pid.to_string());
        // A process that is gone has none of these files.
        let is_chronyd = std::fs::read(process.join("comm")).is_ok_and(|name| name == b"chronyd\n");
        if !is_chronyd || proc::has_ended(pid) || proc::has_argument(pid, &own) {
            continue;
        }
        let is_here = std::fs::read_link(process.join("ns/pid")).is_ok_and(|other| other == namespace);
        if is_here && !proc::arguments(pid).split(|byte| *byte == 0).any(|argument| argument == b"-x") {
            return Ok(Some(pid));
        }
    }
    Ok(None)
}
