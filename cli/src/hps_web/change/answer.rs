// SPDX-License-Identifier: GPL-3.0-or-later
//! The answer of the helper: a status, and JSON for the client.

use crate::hps_web::http::Status;
use serde::{Deserialize, Serialize};

/// The most bytes of an answer.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    Done,
    Bad,
    NoToken,
    Off,
    NotFound,
    Refused,
    TooMany,
    Failed,
    Busy,
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    /// The answer of the command in JSON, or one line about what is wrong.
    pub(super) text: String,
}

impl Answer {
    pub(super) fn new(outcome: Outcome, text: impl Into<String>) -> Self {
        Self { outcome, text: text.into() }
    }
}

impl Outcome {
    pub(super) fn status(self) -> Status {
        match self {
            Self::Done => Status::Ok,
            Self::Bad => Status::BadRequest,
            Self::NoToken => Status::Unauthorized,
            Self::Off => Status::Forbidden,
            Self::NotFound => Status::NotFound,
            Self::Refused => Status::Conflict,
            Self::TooMany => Status::TooMany,
            Self::Failed => Status::Failed,
            Self::Busy => Status::Unavailable,
        }
    }
}
