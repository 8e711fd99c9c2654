// SPDX-License-Identifier: GPL-3.0-or-later
//! A request that the BMC does later (DSP0266, 12.2): its monitor answers 202 until the task has ended.

use super::documents::Task;
use super::http::{Http, Reply};
use crate::power::PowerError;
use std::time::{Duration, Instant};

/// A BMC may ask for longer waits than a person has patience for.
const MAX_PAUSE: u64 = 5;

/// Waits for the end of the task behind a reply with 202.
pub(super) fn wait(http: &Http, reply: &Reply, what: &'static str) -> Result<(), PowerError> {
    let task: Task = reply.document().unwrap_or_default();
    let Some(monitor) = reply.location.as_deref().or(task.path.as_deref()) else {
        // What it did is read back in any case.
        return Ok(());
    };
    let monitor = http.own_path(monitor)?;
    let failed = |words: &str| PowerError::Task { address: http.address.clone(), what, why: http.clean(words) };
    let end = Instant::now() + http.limits.change;
    let mut pause = reply.retry_after;
    loop {
        http.limits.pause(Duration::from_secs(pause.unwrap_or(1).clamp(1, MAX_PAUSE)))?;
        let reply = http.get(&monitor)?;
        let task: Task = reply.document().unwrap_or_default();
        match (reply.status, task.task_state.as_deref()) {
            // The monitor is gone with its task; what it did is read back.
            (404 | 410, _) => return Ok(()),
            (200..300, Some("Exception" | "Killed" | "Cancelled" | "Interrupted")) => {
                return Err(failed(&task.words()));
            }
            (200..300, Some("Completed")) if task.task_status.as_deref() == Some("Critical") => {
                return Err(failed(&task.words()));
            }
            (200..300, Some("Completed")) => return Ok(()),
            (202, _) => {}
            // A task document whose state is one of those before the end.
            (200, Some(_)) => {}
            (200..300, None | Some(_)) => return Ok(()),
            _ => return Err(failed(http.words(&reply).as_str())),
        }
        if Instant::now() >= end {
            let seconds = http.limits.change.as_secs();
            return Err(failed(&format!("unfinished after {seconds} seconds ({})", task.words())));
        }
        pause = reply.retry_after;
    }
}
