// SPDX-License-Identifier: GPL-3.0-or-later
//! One run at a time: otherwise two programs would each start services with files that the other has replaced.

use crate::layout;
use crate::program::{self, Ended, Exit};
use hps::config::{Dir, HpsConf};
use hps::files::{Lock, LockError, LockKind};
use std::time::Duration;

/// How long a program waits for another one by default.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// The right to change the services of this node. It ends with the value, or with the process.
#[derive(Debug)]
pub struct ReloadLock(#[expect(dead_code, reason = "dropping it is what unlocks")] Lock);

impl ReloadLock {
    /// Waits until no other program has it.
    ///
    /// # Errors
    /// [`Exit::Busy`] with a line that names the process that has it.
    pub fn wait(conf: &HpsConf, program: &str, timeout: Duration) -> anyhow::Result<Self> {
        let folder = conf.dir(Dir::Run);
        layout::make_open(folder)?;
        let on_wait = |owner: Option<String>| {
            if program::on_terminal() {
                program::eprint(format_args!("{program}: waiting for {}", describe_owner(owner)));
            }
        };
        match Lock::wait_and(&folder.join("reload.lock"), LockKind::Root, timeout, on_wait) {
            Ok(lock) => Ok(Self(lock)),
            Err(LockError::Busy { owner, .. }) => Err(Ended::error(
                Exit::Busy,
                format!(
                    "{} is changing the services of this node and did not end within {} seconds; nothing was changed; try again when it has ended",
                    describe_owner(owner),
                    timeout.as_secs()
                ),
            )),
            Err(error) => Err(error.into()),
        }
    }
}

fn describe_owner(owner: Option<String>) -> String {
    owner.unwrap_or_else(|| "another program".to_owned())
}
