// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use crate::program;
use hps::config::{Dir, HpsConf};
use hps::files::{HeldLock, held_locks};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A lock of a record is held for milliseconds. One that is held after this time by the same process is held by a
/// process that hangs.
const PAUSE: Duration = Duration::from_secs(2);
/// `reload` needs some seconds.
const RELOAD_SECONDS: i64 = 300;
/// Downloads, builds and copies end after this time.
const WORK_SECONDS: i64 = 12 * 3600;

/// Locks that keep others waiting. The kernel ends a lock with its process, so only a process that hangs is found.
#[expect(clippy::unnecessary_wraps, reason = "as every check")]
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let files = files(&context.site.conf);
    let before = held_locks(&files);
    if before.is_empty() {
        return Ok(Vec::new());
    }
    std::thread::sleep(PAUSE);
    let now = i64::try_from(program::now().as_unix()).unwrap_or(i64::MAX);
    Ok(held_locks(&files).iter().filter(|lock| before.contains(lock)).filter_map(|lock| stale(lock, now)).collect())
}

fn stale(lock: &HeldLock, now: i64) -> Option<Found> {
    let name = lock.path.file_name()?.to_string_lossy();
    let most = match name.as_ref() {
        "reload.lock" => RELOAD_SECONDS,
        "site-copy.lock" | ".media.lock" | ".packages.lock" | ".lock" => WORK_SECONDS,
        _ => 0,
    };
    let age = lock.process_start.map_or(i64::MAX, |start| now - start);
    let text = format!("{}: held by {}", lock.path.display(), lock.owner);
    (age >= most).then(|| Found::problem(text, format!("if that process hangs: kill {}", lock.pid)))
}

/// Every lock of HPS. What is not there has none.
fn files(conf: &HpsConf) -> Vec<PathBuf> {
    const LEVELS: usize = 3;
    let mut files = Vec::new();
    for (dir, levels) in
        [(Dir::Run, 0), (Dir::Clusters, LEVELS), (Dir::State, 1), (Dir::Distros, 1), (Dir::Packages, 1)]
    {
        add(conf.dir(dir), levels, &mut files);
    }
    add(&conf.dir(Dir::Log).join("hosts"), 0, &mut files);
    files
}

fn add(folder: &Path, levels: usize, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && levels > 0 => add(&path, levels - 1, files),
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|end| end == "lock") => files.push(path),
            Ok(kind) if kind.is_file() && path.file_name().is_some_and(|name| name == ".lock") => files.push(path),
            _ => {}
        }
    }
}
