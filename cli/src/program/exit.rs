// SPDX-License-Identifier: GPL-3.0-or-later
//! How a program ends: the exit codes, errors that have theirs, and the end of each help text, which lists them.

use hps::config::DEFAULT_CONF;
use hps::files::FileError;
use hps::store::StoreError;
use std::io;

/// How a program ends. The numbers are documented and scripts rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or there was nothing to do.
    Done,
    /// Failed.
    Failed,
    /// Wrong usage: clap's errors, and a required value that is missing.
    Usage,
    /// Refused: a rule forbids it.
    Refused,
    /// What was named does not exist.
    NotFound,
    /// Another process holds it, or a port is in use.
    Busy,
    /// `--dry-run` or `--check`: something would change, or is newer.
    WouldChange,
}

impl Exit {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Done, Self::Failed, Self::Usage, Self::Refused, Self::NotFound, Self::Busy, Self::WouldChange];

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::NotFound => 4,
            Self::Busy => 5,
            Self::WouldChange => 10,
        }
    }

    /// Its meaning, unless a program has a more exact one.
    fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or nothing to do",
            Self::Failed => "failed",
            Self::Usage => "wrong usage",
            Self::Refused => "refused",
            Self::NotFound => "not found",
            Self::Busy => "busy",
            Self::WouldChange => "something would change",
        }
    }
}

/// The end of a help text: `text`, the exit codes, and where the configuration is. `own` has the meanings that are more
/// exact for this program.
pub fn after_help(text: &str, own: &[(Exit, &str)]) -> String {
    let describe = |exit: Exit| {
        let own = own.iter().find(|(known, _)| *known == exit);
        format!("{} {}", exit.code(), own.map_or(exit.meaning(), |(_, meaning)| meaning))
    };
    let codes = Exit::ALL.map(describe).join("; ");
    format!("{text}\n\nExit codes: {codes}.\nThe file $HPS_CONFIG, or {DEFAULT_CONF}, names the folders of HPS.")
}

/// An error with its exit code. Other errors end with [`Exit::Failed`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Ended {
    exit: Exit,
    message: String,
    more: Vec<String>,
}

impl Ended {
    /// An error with a code and one line that says what to do.
    pub fn error(exit: Exit, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self { exit, message: message.into(), more: Vec::new() })
    }

    /// Several problems, one line each. `None` where there is none.
    pub fn errors(exit: Exit, lines: Vec<String>) -> Option<anyhow::Error> {
        let mut lines = lines.into_iter();
        Some(anyhow::Error::new(Self { exit, message: lines.next()?, more: lines.collect() }))
    }
}

/// An error as lines: one line with its causes, or one for each mistake of a file.
pub(crate) fn error_lines(error: &anyhow::Error) -> Vec<String> {
    let several = error.chain().find_map(|cause| match (cause.downcast_ref(), cause.downcast_ref::<Ended>()) {
        (Some(StoreError::Mistakes { path, mistakes }), _) => {
            Some(mistakes.iter().map(|mistake| format!("{}: {mistake}", path.display())).collect())
        }
        (_, Some(Ended { message, more, .. })) if !more.is_empty() => {
            Some(std::iter::once(message).chain(more).cloned().collect())
        }
        _ => None,
    });
    several.unwrap_or_else(|| vec![format!("{error:#}")])
}

/// The code of an error.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(ended) = cause.downcast_ref::<Ended>() {
            return ended.exit;
        }
        // A file that is not trusted, or is not a file, in any wrapper.
        if matches!(cause.downcast_ref::<FileError>(), Some(error) if !matches!(error, FileError::Io(_))) {
            return Exit::Refused;
        }
        match cause.downcast_ref::<StoreError>() {
            Some(StoreError::Untrusted(_)) => return Exit::Refused,
            Some(StoreError::Busy { .. } | StoreError::Held { .. }) => return Exit::Busy,
            Some(StoreError::NoActiveCluster { .. } | StoreError::ActiveClusterGone { .. }) => return Exit::NotFound,
            Some(StoreError::Refused { .. } | StoreError::Taken(_) | StoreError::Edit { .. } | StoreError::Type(_)) => {
                return Exit::Refused;
            }
            _ => {}
        }
    }
    if is_for_root(error) { Exit::Refused } else { Exit::Failed }
}

pub(super) const ONLY_ROOT: &str = "only root may do this; try again with sudo";

/// Whether the system refused something that it would permit to root.
pub(super) fn is_for_root(error: &anyhow::Error) -> bool {
    let denied = |e: &io::Error| e.kind() == io::ErrorKind::PermissionDenied;
    !rustix::process::geteuid().is_root()
        && error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(denied))
}

/// Refuses to continue unless root runs it.
///
/// # Errors
/// [`Exit::Refused`].
pub fn need_root() -> anyhow::Result<()> {
    if rustix::process::geteuid().is_root() { Ok(()) } else { Err(Ended::error(Exit::Refused, ONLY_ROOT)) }
}

/// Whether the system refused to read or write a file. One refusal means a refusal for every host, so it is reported
/// once.
pub fn is_denied(error: &StoreError) -> bool {
    matches!(error, StoreError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied)
}

pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}
