// SPDX-License-Identifier: GPL-3.0-or-later
//! What a command works with.

use crate::boot_context::BootContext;
use crate::config::Subnet;
use crate::host::Who;
use crate::manager::boot_script::Via;
use crate::manager::diagnostics::Diagnostics;
use crate::manager::failure::Failure;
use crate::manager::request::Request;
use crate::manager::response::Problem;
use crate::store::Store;
use crate::types::{Distro, FirmwareInfo, Invalid, Line, MacAddr, Timestamp, one_line};

/// What a command works with.
pub(crate) struct RequestContext<'a> {
    pub(crate) request: &'a Request,
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    /// What the firmware reports about the machine, in this request.
    pub(crate) firmware: FirmwareInfo,
    /// Whose shim started the machine; `None` for Debian's.
    pub(crate) shim: Option<Distro>,
    pub(crate) diagnostics: &'a Diagnostics,
}

impl RequestContext<'_> {
    /// One machine, as this node sees it now.
    pub(crate) fn boot_context(&self, mac: MacAddr) -> BootContext {
        BootContext::load(&self.store, mac, self.request.remote, &self.firmware, self.now)
    }

    /// What the machine came through.
    pub(crate) fn via(&self) -> Via<'_> {
        Via { loader: self.request.loader(), shim: self.shim.as_ref() }
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

    /// The subnet that the request comes from.
    pub(crate) fn subnet(&self) -> Option<&Subnet> {
        self.store.cluster.subnet_at(self.request.remote?)
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
