// SPDX-License-Identifier: GPL-3.0-or-later
//! One at a time: two programs that replace the configuration of the same services would each start what the other has.

use crate::layout;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::config::{Dir, HpsConf};
use hps::files::open_lock;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::time::{Duration, Instant};

/// How long one waits for another, where nothing else is said.
pub const PATIENCE: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(100);

/// The right to change the services of this node. It ends with the value, or with the process.
#[derive(Debug)]
pub struct Turn {
    #[expect(dead_code, reason = "closing it is what unlocks")]
    lock: File,
}

impl Turn {
    /// Waits until nobody else has it.
    ///
    /// # Errors
    /// [`Exit::Busy`] with a line that names the process which has it.
    pub fn take(conf: &HpsConf, program: &str, patience: Duration) -> anyhow::Result<Self> {
        let folder = conf.dir(Dir::Run);
        layout::make_open(folder)?;
        let path = folder.join("reload.lock");
        let mut lock = open_lock(&path).with_context(|| format!("{}: cannot open", path.display()))?;
        let begun = Instant::now();
        let mut said = !program::on_terminal();
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("{}: cannot lock", path.display()));
                }
                Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                    let line = format!(
                        "{} is at work on the services of this node, and did not end within {} seconds; nothing was changed; try again when it has ended",
                        holder(&mut lock),
                        patience.as_secs()
                    );
                    return Err(Ended::error(Exit::Busy, line));
                }
                Err(TryLockError::WouldBlock) => {
                    if !said {
                        program::note(format_args!("{program}: waiting for {}", holder(&mut lock)));
                        said = true;
                    }
                    std::thread::sleep(PAUSE);
                }
            }
        }
        let name = format!("{program} (process {})", std::process::id());
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.write_all(name.as_bytes()))
            .with_context(|| format!("{}: cannot write", path.display()))?;
        Ok(Self { lock })
    }
}

/// Who has it, as it wrote when it began.
fn holder(lock: &mut File) -> String {
    let mut name = String::new();
    let read = lock.rewind().and_then(|()| lock.take(100).read_to_string(&mut name));
    if read.is_err() || name.trim().is_empty() { "another program".to_owned() } else { name.trim().to_owned() }
}
