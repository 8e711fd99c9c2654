// SPDX-License-Identifier: GPL-3.0-or-later
//! The parts of the documents of Redfish that are used. Everything in them may be missing or null.

use crate::power::{PowerState, Switch};
use serde::Deserialize;

/// A link (DSP0266, 8.5).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Link {
    #[serde(rename = "@odata.id")]
    pub(super) path: String,
}

/// The service root.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Root {
    pub(super) redfish_version: Option<String>,
    pub(super) systems: Option<Link>,
    pub(super) links: Option<RootLinks>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RootLinks {
    pub(super) sessions: Option<Link>,
}

/// A collection.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Collection {
    #[serde(default)]
    pub(super) members: Vec<Link>,
}

/// A computer system.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct System {
    #[serde(rename = "@odata.etag")]
    pub(super) etag: Option<String>,
    power_state: Option<String>,
    boot: Option<Boot>,
    actions: Option<Actions>,
}

/// The boot override.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Boot {
    #[serde(rename = "BootSourceOverrideEnabled")]
    pub(super) enabled: Option<String>,
    #[serde(rename = "BootSourceOverrideTarget")]
    pub(super) target: Option<String>,
    #[serde(rename = "BootSourceOverrideMode")]
    pub(super) mode: Option<String>,
    #[serde(rename = "BootSourceOverrideTarget@Redfish.AllowableValues")]
    pub(super) targets: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Actions {
    #[serde(rename = "#ComputerSystem.Reset")]
    reset: Option<Reset>,
}

/// The action that switches a system.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Reset {
    pub(super) target: Option<String>,
    #[serde(rename = "ResetType@Redfish.AllowableValues")]
    pub(super) types: Option<Vec<String>>,
    #[serde(rename = "@Redfish.ActionInfo")]
    pub(super) info: Option<String>,
}

/// What an action accepts, where its own document says so.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ActionInfo {
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    name: Option<String>,
    allowable_values: Option<Vec<String>>,
}

/// A task (DSP0266, 12.2).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Task {
    #[serde(rename = "@odata.id")]
    pub(super) path: Option<String>,
    pub(super) task_state: Option<String>,
    pub(super) task_status: Option<String>,
    messages: Option<Vec<Message>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message: Option<String>,
}

impl System {
    pub(super) fn state(&self) -> Option<PowerState> {
        match self.power_state.as_deref()? {
            "On" | "Paused" => Some(PowerState::On),
            "Off" => Some(PowerState::Off),
            "PoweringOn" => Some(PowerState::PoweringOn),
            "PoweringOff" => Some(PowerState::PoweringOff),
            _ => None,
        }
    }

    pub(super) fn boot(&self) -> Boot {
        self.boot.clone().unwrap_or_default()
    }

    pub(super) fn reset(&self) -> Option<Reset> {
        self.actions.as_ref()?.reset.clone()
    }
}

impl ActionInfo {
    pub(super) fn reset_types(self) -> Option<Vec<String>> {
        let is_type = |parameter: &Parameter| parameter.name.as_deref() == Some("ResetType");
        self.parameters.into_iter().find(is_type)?.allowable_values
    }
}

impl Task {
    /// The first words that explain it.
    pub(super) fn words(&self) -> String {
        let message = self.messages.iter().flatten().find_map(|message| message.message.clone());
        let state = self.task_state.clone().unwrap_or_else(|| "no state".to_owned());
        message.map_or_else(|| state.clone(), |message| format!("{state}: {message}"))
    }
}

/// The reset types that do a step, the best first.
pub(super) fn reset_types(switch: Switch) -> &'static [&'static str] {
    match switch {
        Switch::On => &["On", "ForceOn"],
        Switch::GracefulShutdown => &["GracefulShutdown"],
        Switch::ForceOff => &["ForceOff"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_with_nulls_and_with_values() {
        let read = |text: &str| serde_json::from_str::<System>(text).unwrap();
        let bare = read(r#"{"PowerState": null, "Boot": null, "Actions": {}}"#);
        assert!(bare.state().is_none() && bare.reset().is_none() && bare.boot().target.is_none());
        let text = r##"{"@odata.etag": "W/\"1\"", "PowerState": "PoweringOff", "Boot": {"BootSourceOverrideTarget": "Pxe",
            "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe"]},
            "Actions": {"#ComputerSystem.Reset": {"target": "/r", "ResetType@Redfish.AllowableValues": ["On"]}}}"##;
        let whole = read(text);
        assert_eq!((whole.state(), whole.etag.as_deref()), (Some(PowerState::PoweringOff), Some("W/\"1\"")));
        assert_eq!(whole.reset().unwrap().types.unwrap(), ["On"]);
        assert_eq!(whole.boot().targets.unwrap().len(), 2);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _answered = serde_json::from_slice::<System>(&bytes).map(|system| (system.state(), system.reset()));
        }
    }
}
