// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host would be served now, byte for byte, for `host-state render`. It changes nothing.

use super::boot_script::{BootScript, Via};
use super::commands::answer;
use super::failure::Failure;
use crate::boot::token::disk_mark;
use crate::boot_context::BootContext;
use crate::host::{HostState, Permission};
use crate::render::dnsmasq::host_entry;
use crate::store::Store;
use crate::types::{Timestamp, Token};

/// The documents of one host.
#[derive(Debug)]
pub struct Preview {
    /// The iPXE script of `boot_action`.
    pub boot_script: String,
    /// The answer file: of the running attempt, or of the one that the next boot would begin.
    pub answer_file: Result<String, NoAnswerFile>,
    /// Its line for dnsmasq, if it has address and name.
    pub dhcp_entry: Option<String>,
    secrets: Vec<String>,
}

/// Why a host has no answer file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswerFile {
    /// There is no record, or it cannot be read.
    #[error("there is no record of it")]
    NoRecord,
    /// The installation is not permitted.
    #[error("its installation is not permitted")]
    NoPermission,
    /// The permission has expired.
    #[error("its permission has expired")]
    Expired,
    /// The boot manager would answer with this error.
    #[error("{0}")]
    Failure(String),
}

impl From<Failure> for NoAnswerFile {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure.why)
    }
}

impl Preview {
    /// A text with its secrets made unreadable: tickets, tokens, marks and password hashes.
    pub fn masked(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "********"))
    }
}

/// Makes them.
pub fn preview(store: &Store, machine: &BootContext, now: Timestamp) -> Preview {
    let decision = machine.decide(&store.cluster, now);
    let boot_script = BootScript::new(store, machine, &decision, Via::default(), now).text;
    let answer_file = answer_file(store, machine, now);
    let texts = [Some(boot_script.as_str()), answer_file.as_deref().ok()];
    let mut secrets: Vec<String> = texts.into_iter().flatten().flat_map(tokens).collect();
    secrets.extend(store.cluster.install.root_password_hash.as_ref().map(|hash| hash.as_str().to_owned()));
    if let (Some(permission), Ok(key)) = (&machine.permission, store.site_key().read()) {
        secrets.push(disk_mark(&key, &permission.id).to_string());
    }
    Preview { boot_script, answer_file, dhcp_entry: machine.known().and_then(host_entry), secrets }
}

/// Every ticket and token in a text.
fn tokens(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| word.parse::<Token>().is_ok()).map(str::to_owned).collect()
}

fn answer_file(store: &Store, machine: &BootContext, now: Timestamp) -> Result<String, NoAnswerFile> {
    let mut host = machine.known().ok_or(NoAnswerFile::NoRecord)?.clone();
    let permission = machine.permission.as_ref().ok_or(NoAnswerFile::NoPermission)?;
    if !runs(&host, permission) {
        if !permission.is_current(now) {
            return Err(NoAnswerFile::Expired);
        }
        let source = answer::source_of(store, permission, None)?;
        // On a copy: the record does not change.
        answer::begin(store, &mut host, permission, &source, now)?;
    }
    Ok(answer::document(store, &host, permission, machine.interface)?)
}

fn runs(host: &crate::host::Host, permission: &Permission) -> bool {
    host.state() == HostState::Installing && host.attempt.as_ref().is_some_and(|a| a.permission == permission.id)
}
