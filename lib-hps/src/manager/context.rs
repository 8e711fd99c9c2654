// SPDX-License-Identifier: GPL-3.0-or-later
//! What a command works with, and how it refuses.

use crate::answer::{AnswerError, Unsuitable};
use crate::boot_context::{BootContext, NoSource};
use crate::config::RoleError;
use crate::host::Who;
use crate::manager::request::Request;
use crate::manager::response::Problem;
use crate::media::SourceError;
use crate::permitted::PermittedError;
use crate::store::{Store, StoreError};
use crate::types::{FirmwareInfo, Invalid, Line, MacAddr, Timestamp, one_line};
use std::cell::RefCell;

/// A failure: what the client receives, and what only the log has.
pub(crate) struct Failure {
    pub(crate) problem: Problem,
    pub(crate) why: String,
}

impl Failure {
    pub(crate) fn new(problem: Problem, why: impl Into<String>) -> Self {
        Self { problem, why: why.into() }
    }

    /// The sender is not entitled to this. Only the log has the reason.
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::new(Problem::Refused, why)
    }

    /// The state of the host does not permit it now.
    pub(crate) fn not_now(why: impl Into<String>) -> Self {
        Self::new(Problem::NotNow, why)
    }

    fn not_able(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(Problem::NotAble, one_line(error))
    }
}

/// A parameter that is not the value it should be.
impl From<Invalid> for Failure {
    fn from(error: Invalid) -> Self {
        Self::new(Problem::Malformed, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let problem = match &error {
            StoreError::Refused { .. } | StoreError::Reserved { .. } => Problem::NotNow,
            _ => Problem::NotAble,
        };
        Self { problem, why: one_line(&error) }
    }
}

/// The cluster does not install this.
impl From<RoleError> for Failure {
    fn from(error: RoleError) -> Self {
        Self::not_now(error.to_string())
    }
}

impl From<AnswerError> for Failure {
    fn from(error: AnswerError) -> Self {
        Self::not_able(&error)
    }
}

impl From<NoSource> for Failure {
    fn from(error: NoSource) -> Self {
        Self::not_able(&error)
    }
}

impl From<Unsuitable> for Failure {
    fn from(error: Unsuitable) -> Self {
        Self::not_able(&error)
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::not_able(&error)
    }
}

impl From<PermittedError> for Failure {
    fn from(error: PermittedError) -> Self {
        Self::not_able(&error)
    }
}

/// What a command works with.
pub(crate) struct RequestContext<'a> {
    pub(crate) request: &'a Request,
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    /// What the firmware reports about the machine, in this request.
    pub(crate) firmware: FirmwareInfo,
    pub(crate) diagnostics: &'a Diagnostics,
}

impl RequestContext<'_> {
    /// One machine, as this node sees it now.
    pub(crate) fn boot_context(&self, mac: MacAddr) -> BootContext {
        BootContext::load(&self.store, mac, self.request.remote, &self.firmware, self.now)
    }

    /// The `mac` of the request.
    pub(crate) fn mac(&self) -> Result<MacAddr, Failure> {
        mac_of(self.request)
    }

    /// Refuses a request that does not come from the host itself.
    pub(crate) fn require_proven(machine: &BootContext) -> Result<(), Failure> {
        if machine.identity.is_proven() {
            return Ok(());
        }
        Err(Failure::refused("nothing proves that this request comes from this host"))
    }

    /// A parameter that is required.
    pub(crate) fn parameter(&self, name: &str) -> Result<&str, Failure> {
        self.request.parameter(name).ok_or_else(|| Failure::new(Problem::Malformed, format!("{name} is missing")))
    }

    /// Who changes a record here.
    pub(crate) fn who(&self) -> Who {
        Who::request(self.request.remote)
    }

    /// A line for the host's log. A log that cannot be written stops no boot.
    pub(crate) fn log(&self, mac: MacAddr, name: Option<&str>, text: &str) {
        if let Err(error) = self.store.journal().log(mac, name, &Line::lossy(text), self.now) {
            self.diagnostics.add(&one_line(&error));
        }
    }
}

fn mac_of(request: &Request) -> Result<MacAddr, Failure> {
    let text = request.parameter("mac").ok_or_else(|| Failure::new(Problem::Mac, "mac is missing"))?;
    text.parse().map_err(|e: Invalid| Failure::new(Problem::Mac, e.to_string()))
}

/// A message without the folders of this node.
pub(crate) fn without_paths(text: &str) -> String {
    let shortened = |word: &str| {
        // A path begins with "/" at the start of a word or after a punctuation mark; the path of a URL follows ":" and
        // a name.
        let (before, path) = word.split_once('/')?;
        let begins = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != ':');
        begins.then(|| format!("{before}{}", path.rsplit('/').next().unwrap_or_default()))
    };
    text.split(' ').map(|word| shortened(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>().join(" ")
}

/// What the administrator should know, for the error log of the web server.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics(RefCell<Vec<Line>>);

impl Diagnostics {
    pub(crate) fn add(&self, line: &str) {
        let line = Line::lossy(line);
        let mut lines = self.0.borrow_mut();
        // One request reports each problem once, for example a log that cannot be written.
        if !lines.contains(&line) {
            lines.push(line);
        }
    }

    pub(crate) fn into_lines(self) -> Vec<Line> {
        self.0.into_inner()
    }
}
