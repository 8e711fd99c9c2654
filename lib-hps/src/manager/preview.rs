// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host would be served now, byte for byte, without anything being changed: for `host-state render`.

use super::commands::{answer, boot};
use crate::host::{HostState, Permission};
use crate::render::dnsmasq::host_entry;
use crate::situation::Situation;
use crate::store::Store;
use crate::types::Timestamp;

/// The documents of one host.
#[derive(Debug)]
pub struct Preview {
    /// The iPXE script of `boot_action`.
    pub boot_script: String,
    /// The answer file: of the attempt that runs, or of the one that the next boot would begin; else why there is none.
    pub answer_file: Result<String, String>,
    /// Its line for dnsmasq, where it has address and name.
    pub dhcp_entry: Option<String>,
}

/// Makes them.
pub fn preview(store: &Store, situation: &Situation, now: Timestamp) -> Preview {
    let decision = situation.decide(store, now);
    Preview {
        boot_script: boot::script(store, situation, decision, now).text,
        answer_file: answer_file(store, situation, now),
        dhcp_entry: situation.known().and_then(host_entry),
    }
}

fn answer_file(store: &Store, situation: &Situation, now: Timestamp) -> Result<String, String> {
    let none = |why: &str| Err(why.to_owned());
    let Some(host) = situation.known() else { return none("there is no record of it") };
    let Some(permission) = &situation.permission else { return none("nothing permits its installation") };
    let mut host = host.clone();
    if !runs(&host, permission) {
        if !permission.is_current(now) {
            return none("its permission has expired");
        }
        let source = answer::source_of(store, permission, None).map_err(|f| f.why)?;
        // On a copy: the record stays.
        answer::begin(&mut host, permission, &source, now).map_err(|e| e.to_string())?;
    }
    answer::document(store, &host, permission, situation.interface).map_err(|f| f.why)
}

fn runs(host: &crate::host::Host, permission: &Permission) -> bool {
    host.state() == HostState::Installing && host.attempt.as_ref().is_some_and(|a| a.permission == permission.id)
}
