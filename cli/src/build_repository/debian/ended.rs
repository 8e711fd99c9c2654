// SPDX-License-Identifier: GPL-3.0-or-later
//! Errors of a repository for Debian hosts, with their exit codes.

use crate::debian_archives::explained;
use crate::program::{Ended, Exit};
use hps::exec::ExecError;
use hps::exec::apt::Archive;
use hps::media::LockError;
use hps::media::brought::BroughtError;
use hps::media::deb_repository::DebRepositoryError;

/// An error with its exit code.
pub(super) fn ended(error: DebRepositoryError) -> anyhow::Error {
    let exit = match &error {
        DebRepositoryError::Lock(LockError::Busy(_)) => Exit::Busy,
        DebRepositoryError::Exec(ExecError::Stopped { .. }) | DebRepositoryError::Brought(BroughtError::Stopped) => {
            return stopped();
        }
        error if error.is_missing() => Exit::NotFound,
        error if error.is_refusal() => Exit::Refused,
        _ => Exit::Failed,
    };
    let error: anyhow::Error = error.into();
    Ended::error(exit, format!("{error:#}"))
}

/// The same, for work with these archives.
pub(super) fn ended_with(error: DebRepositoryError, archives: &[Archive]) -> anyhow::Error {
    match error {
        DebRepositoryError::Fetch(error) => match error.exec() {
            Ok(ExecError::Stopped { .. }) => stopped(),
            Ok(error) => explained(error, archives),
            Err(error) => error.into(),
        },
        other => ended(other),
    }
}

fn stopped() -> anyhow::Error {
    Ended::error(Exit::Failed, "stopped; the repository is unchanged")
}
