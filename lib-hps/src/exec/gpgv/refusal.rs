// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a signature was checked and does not count.

use crate::types::Timestamp;
use std::process::ExitStatus;

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It may be good, by a key that is not the pinned one.
    #[error("it was made by another key than the pinned one")]
    OtherKey,
    /// The pinned key is in the keyring, and another one signed.
    #[error("it was made by key {found:.40}, not by the pinned {pinned}")]
    NotPinned {
        /// The fingerprint of the key that signed.
        found: String,
        /// The fingerprint of the pinned key.
        pinned: String,
    },
    /// It is something else.
    #[error("it is not a detached signature")]
    NoSignature,
    /// The file holds its own signature.
    #[error("it is signed inline: such a file proves only itself")]
    Inline,
    /// It signs a key or a user, not a file.
    #[error("it is not a signature over a file")]
    NotOverFile,
    /// It is of another file.
    #[error("the signature does not fit the file")]
    OtherFile,
    /// None of its signatures is good.
    #[error("gpgv found no good signature")]
    NoneGood,
    /// It has several signatures.
    #[error("it has more than one signature")]
    Several,
    /// gpgv needs longer, or prints more, than for one signature.
    #[error("it has more than one signature: {0}")]
    TooMuch(String),
    /// It has expired.
    #[error("the signature has expired, {}", clock(*now))]
    Expired {
        /// What the clock of this machine shows.
        now: Timestamp,
    },
    /// Its key has expired.
    #[error("its key has expired{}, {}", on(*when), clock(*now))]
    KeyExpired {
        /// When, where gpgv names it.
        when: Option<Timestamp>,
        /// What the clock of this machine shows.
        now: Timestamp,
    },
    /// The owner revoked its key.
    #[error("its key was revoked")]
    KeyRevoked,
    /// It has a time in the future.
    #[error("it was made on {made}, which is in the future, {}", clock(*now))]
    MadeLater {
        /// Its time.
        made: Timestamp,
        /// What the clock of this machine shows.
        now: Timestamp,
    },
    /// gpgv cannot check it.
    #[error("gpgv cannot check it (code {0:.8})")]
    NotChecked(String),
    /// Its hash can be forged.
    #[error("it uses hash algorithm {0:.8}, which is too weak")]
    WeakHash(String),
    /// gpgv printed something else.
    #[error("gpgv printed something other than status lines")]
    NoStatusLine,
    /// gpgv printed a status that a good signature does not have.
    #[error("gpgv printed {0:.40}, which a good signature does not have")]
    UnknownWord(String),
    /// gpgv printed too few words about it.
    #[error("gpgv described the signature in an unknown way")]
    UnknownForm,
    /// gpgv failed.
    #[error("gpgv ended with {0}")]
    Exit(ExitStatus),
}

fn on(when: Option<Timestamp>) -> String {
    when.map_or_else(String::new, |when| format!(" on {when}"))
}

fn clock(now: Timestamp) -> String {
    format!("and the clock of this machine shows {now}; if the clock is wrong, set it with: timedatectl set-ntp true")
}
