// SPDX-License-Identifier: GPL-3.0-or-later
//! Redfish (DMTF DSP0266 and DSP0268): a system is found, switched by `ComputerSystem.Reset`, and let boot from the network
//! by its boot override. What is left out: settings that count only after a restart (`@Redfish.Settings`).

mod documents;
mod http;
mod pin;
mod session;
mod task;
mod transport;

pub use http::{Seen, certificate};

use super::{BootHolds, Controller, Limits, PowerError, PowerState, Switch};
use crate::config::PowerControl;
use crate::types::{BmcAddress, BmcCredentials, BootMode, CredentialsName, Line, SystemId};
use documents::{ActionInfo, Boot, Collection, Root, System, reset_types};
use http::{Http, Sent};
use session::Session;
use std::time::Duration;
use ureq::http::Method;

const ROOT: &str = "/redfish/v1/";
/// The setting may be readable only some seconds later.
const BOOT_TIMEOUT: Duration = Duration::from_secs(15);

/// One system of a BMC.
#[derive(Debug)]
pub(super) struct Redfish {
    http: Http,
    session: Option<Session>,
    system: String,
}

impl Redfish {
    pub(super) fn open(
        control: &PowerControl,
        address: BmcAddress,
        name: CredentialsName,
        credentials: BmcCredentials,
        limits: Limits,
    ) -> Result<Self, PowerError> {
        let mut http = Http::new(address, control.fingerprint, (name, &credentials), limits);
        let reply = http.get(ROOT)?;
        let root: Root = document(&http, &reply)?;
        if !reply.is_success() || root.redfish_version.is_none() {
            return Err(http.answer("there is no Redfish service (no RedfishVersion at /redfish/v1/)"));
        }
        let sessions = root.links.and_then(|links| links.sessions).map(|link| http.own_path(&link.path)).transpose()?;
        let session = Session::open(&mut http, sessions.as_deref(), &credentials)?;
        // From here on the session ends with the controller, also after an error.
        let mut opened = Self { http, session, system: String::new() };
        let systems = root.systems.ok_or_else(|| opened.http.answer("it has no Systems"))?;
        opened.system = opened.find_system(&systems.path, control.system.as_ref())?;
        Ok(opened)
    }

    fn find_system(&self, collection: &str, wanted: Option<&SystemId>) -> Result<String, PowerError> {
        let reply = self.http.get(&self.http.own_path(collection)?)?;
        let members = document::<Collection>(&self.http, &reply)?.members;
        let id = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        let found = match (wanted, members.as_slice()) {
            (Some(wanted), members) => members.iter().find(|member| id(&member.path) == wanted.as_str()),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        match found {
            Some(member) => self.http.own_path(&member.path),
            None => {
                let ids: Vec<String> = members.iter().map(|member| id(&member.path)).collect();
                let systems = if ids.is_empty() { "none".to_owned() } else { ids.join(" ") };
                Err(PowerError::Systems { address: self.http.address.clone(), systems: self.http.clean(&systems) })
            }
        }
    }

    /// The system, and the tag of its present version.
    fn read(&self) -> Result<(System, Option<String>), PowerError> {
        let reply = self.http.get(&self.system)?;
        if !reply.is_success() {
            return Err(self.http.refused("report its system", &reply));
        }
        let system: System = document(&self.http, &reply)?;
        let etag = reply.etag.clone().or_else(|| system.etag.clone());
        Ok((system, etag))
    }

    /// Sends the setting. `false` if another program changed the system in between.
    fn set_boot(&self, mode: Option<BootMode>) -> Result<bool, PowerError> {
        let (system, etag) = self.read()?;
        let boot = system.boot();
        if boot.targets.as_ref().is_some_and(|targets| !targets.iter().any(|target| target == "Pxe")) {
            let targets = boot.targets.unwrap_or_default().join(", ");
            let why = self.http.clean(&format!("it allows only: {targets}"));
            return Err(PowerError::Refused { address: self.http.address.clone(), what: BOOT, why });
        }
        let mut wanted = serde_json::json!({
            "BootSourceOverrideEnabled": "Once",
            "BootSourceOverrideTarget": "Pxe",
        });
        let mode = mode.map(mode_word).filter(|mode| boot.mode.as_deref() != Some(*mode));
        if let (Some(mode), Some(object)) = (mode, wanted.as_object_mut()) {
            object.insert("BootSourceOverrideMode".to_owned(), mode.into());
        }
        let body = serde_json::json!({ "Boot": wanted });
        let sent = Sent { body: Some(&body), etag: etag.as_deref() };
        let reply = self.http.ask(Method::PATCH, &self.system, sent)?;
        match reply.status {
            412 | 428 => Ok(false),
            202 => task::wait(&self.http, &reply, BOOT).map(|()| true),
            200..300 => Ok(true),
            _ => Err(self.http.refused(BOOT, &reply)),
        }
    }

    fn boot_is_set(&self, mode: Option<BootMode>) -> Result<BootHolds, PowerError> {
        let mut found = Boot::default();
        let set = self.http.limits.until(BOOT_TIMEOUT, || {
            found = self.read()?.0.boot();
            let is_mode = mode.is_none_or(|mode| found.mode.as_deref().is_none_or(|found| found == mode_word(mode)));
            let holds = match found.enabled.as_deref() {
                Some("Once") => Some(BootHolds::Once),
                Some("Continuous") => Some(BootHolds::Always),
                _ => None,
            };
            Ok(holds.filter(|_| is_mode && found.target.as_deref() == Some("Pxe")))
        })?;
        set.ok_or_else(|| {
            let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "nothing".to_owned());
            let words = format!("{} {} {}", word(&found.enabled), word(&found.target), word(&found.mode));
            PowerError::BootUnchanged { address: self.http.address.clone(), found: self.http.clean(&words) }
        })
    }
}

const BOOT: &str = "boot from the network";
const SWITCH: &str = "switch the power";

fn mode_word(mode: BootMode) -> &'static str {
    match mode {
        BootMode::Bios => "Legacy",
        BootMode::Uefi => "UEFI",
    }
}

fn document<T: serde::de::DeserializeOwned>(http: &Http, reply: &http::Reply) -> Result<T, PowerError> {
    reply.document().map_err(|why| http.answer(&why))
}

impl Controller for Redfish {
    fn state(&mut self) -> Result<PowerState, PowerError> {
        let (system, _) = self.read()?;
        system.state().ok_or_else(|| self.http.answer("its system has no PowerState"))
    }

    fn switch(&mut self, switch: Switch) -> Result<(), PowerError> {
        let (system, _) = self.read()?;
        let reset = system.reset().ok_or_else(|| self.http.answer("its system has no action ComputerSystem.Reset"))?;
        let target = reset.target.ok_or_else(|| self.http.answer("the action ComputerSystem.Reset has no target"))?;
        let target = self.http.own_path(&target)?;
        let allowed = match (reset.types, reset.info) {
            (Some(types), _) => Some(types),
            (None, Some(info)) => {
                let reply = self.http.get(&self.http.own_path(&info)?)?;
                document::<ActionInfo>(&self.http, &reply)?.reset_types()
            }
            (None, None) => None,
        };
        let known = reset_types(switch);
        let chosen = match &allowed {
            Some(allowed) => known.iter().find(|known| allowed.iter().any(|allowed| allowed == *known)),
            None => known.first(),
        };
        let Some(chosen) = chosen else {
            let why = format!("it allows only: {}", allowed.unwrap_or_default().join(", "));
            let why: Line = self.http.clean(&why);
            return Err(PowerError::Refused { address: self.http.address.clone(), what: SWITCH, why });
        };
        let body = serde_json::json!({ "ResetType": chosen });
        let reply = self.http.ask(Method::POST, &target, Sent { body: Some(&body), etag: None })?;
        match reply.status {
            202 => task::wait(&self.http, &reply, SWITCH),
            200..300 => Ok(()),
            _ => Err(self.http.refused(SWITCH, &reply)),
        }
    }

    fn boot_from_network_once(&mut self, mode: Option<BootMode>) -> Result<BootHolds, PowerError> {
        if !self.set_boot(mode)? && !self.set_boot(mode)? {
            return Err(PowerError::Conflict { address: self.http.address.clone() });
        }
        self.boot_is_set(mode)
    }
}

impl Drop for Redfish {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            session.close(&self.http);
        }
    }
}
