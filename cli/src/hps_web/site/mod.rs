// SPDX-License-Identifier: GPL-3.0-or-later
//! What the server knows of the site: a snapshot in memory, which two threads keep current. No request reads all records.

mod current;
mod folder;
mod follow;
mod hosts;
mod slow;
mod watch;

pub(super) use current::{Current, Snapshot};

use super::http::Publisher;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Reads the site, and keeps that current until `stop` is set.
///
/// # Errors
/// When the system has no thread for it.
pub(super) fn start(publisher: Publisher, stop: Arc<AtomicBool>) -> std::io::Result<Arc<Current>> {
    let current = Arc::new(Current::new());
    let mut watch = watch::Watch::new(publisher);
    watch.look(&current);
    if let Some(slow) = slow::look(&current) {
        current.set_slow(slow);
    }
    let (own, end) = (Arc::clone(&current), Arc::clone(&stop));
    std::thread::Builder::new().name("watch".to_owned()).spawn(move || watch.run(&own, &end))?;
    let own = Arc::clone(&current);
    std::thread::Builder::new().name("slow".to_owned()).spawn(move || slow::run(&own, &stop))?;
    Ok(current)
}
