// SPDX-License-Identifier: GPL-3.0-or-later
//! What may be asked over the API, in a narrow form: one host, one of three actions, and the arguments that it takes. None
//! of them forces anything. Both sides of the socket read it, and the side of root trusts only what it read itself.

use crate::host_state::HostWord;
use hps::types::{DiskName, HostType, Lifetime, Line, Profile};
use serde::{Deserialize, Serialize};

/// The most bytes of an order in JSON, with its line end.
pub(super) const MAX_BYTES: usize = 8192;
const MAX_DISKS: usize = 64;

/// An order, as it goes over the socket.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// The token, as it came.
    pub(super) token: String,
    /// The client, as lighttpd named it: for the log alone.
    pub(super) client: String,
    /// The host, as it stands in the address.
    pub(super) host: String,
    pub(super) change: Change,
}

/// One of the changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub(super) enum Change {
    /// `host-state arm`.
    Arm(Arm),
    /// `host-state disarm`.
    Disarm(Disarm),
    /// `host-power`.
    Power(Power),
}

/// The body of `arm`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Arm {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    host_type: Option<HostType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Profile>,
    /// Disks that may be wiped, each by its serial or WWN.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wipe: Vec<DiskName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Lifetime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Line>,
    boot: bool,
    dry_run: bool,
}

/// The body of `disarm`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Disarm {
    dry_run: bool,
}

/// The body of `power`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Power {
    action: PowerAction,
    #[serde(default)]
    dry_run: bool,
}

/// What `host-power` does. Switching off asks the system to shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PowerAction {
    Status,
    On,
    Off,
    Cycle,
    BootOnce,
}

impl Change {
    /// From the last part of the address and the body.
    ///
    /// # Errors
    /// One line about the body.
    pub(super) fn read(action: &str, body: &[u8]) -> Result<Self, String> {
        fn parsed<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, String> {
            // serde would take an array for a struct too.
            if body.trim_ascii_start().first() != Some(&b'{') {
                return Err("the body is not accepted: it is no JSON object".to_owned());
            }
            serde_json::from_slice(body).map_err(|error| format!("the body is not accepted: {error}"))
        }
        let empty = body.is_empty();
        let change = match action {
            "arm" if empty => Self::Arm(Arm::default()),
            "arm" => Self::Arm(parsed(body)?),
            "disarm" if empty => Self::Disarm(Disarm::default()),
            "disarm" => Self::Disarm(parsed(body)?),
            _ => Self::Power(parsed(body)?),
        };
        match &change {
            Self::Arm(arm) if arm.wipe.len() > MAX_DISKS => Err(format!("wipe: at most {MAX_DISKS} disks")),
            Self::Arm(arm) if arm.wipe.iter().any(|disk| !disk.identifies()) => {
                Err("wipe: a disk is named by its serial or its WWN".to_owned())
            }
            _ => Ok(change),
        }
    }

    /// The same change as a command: a program of HPS and its arguments, each checked by its type.
    pub(super) fn command(&self, host: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let mut add = |given: &[&str]| words.extend(given.iter().map(|word| (*word).to_owned()));
        match self {
            Self::Arm(arm) => {
                add(&["host-state", "arm", "--json"]);
                let pairs = [
                    ("--type", arm.host_type.map(|value| value.to_string())),
                    ("--profile", arm.profile.map(|value| value.to_string())),
                    ("--expires", arm.expires.map(|value| value.to_string())),
                    ("--reason", arm.reason.as_ref().map(ToString::to_string)),
                ];
                for (flag, value) in pairs {
                    if let Some(value) = value {
                        add(&[&format!("{flag}={value}")]);
                    }
                }
                arm.wipe.iter().for_each(|disk| add(&[&format!("--wipe={disk}")]));
                add(if arm.boot { &["--boot"] } else { &[] });
                add(if arm.dry_run { &["--dry-run"] } else { &[] });
            }
            Self::Disarm(disarm) => {
                add(&["host-state", "disarm", "--json"]);
                add(if disarm.dry_run { &["--dry-run"] } else { &[] });
            }
            Self::Power(power) => {
                let action = match power.action {
                    PowerAction::Status => "status",
                    PowerAction::On => "on",
                    PowerAction::Off => "off",
                    PowerAction::Cycle => "cycle",
                    PowerAction::BootOnce => "boot-once",
                };
                add(&["host-power", action, "--json"]);
                let changes = power.action != PowerAction::Status;
                add(if power.dry_run && changes { &["--dry-run"] } else { &[] });
            }
        }
        add(&["--", host]);
        words
    }
}

/// One host, as a person writes it.
pub(super) fn is_host(text: &str) -> bool {
    text.len() <= 255 && text.parse::<HostWord>().is_ok_and(|word| word.is_one())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_command_that_forces_nothing() {
        let arm = br#"{"type": "SCH", "wipe": ["S3Z8NB0K"], "reason": "x --force", "boot": true}"#;
        let words = Change::read("arm", arm).unwrap().command("sch-001");
        let expected = [
            "host-state",
            "arm",
            "--json",
            "--type=SCH",
            "--reason=x --force",
            "--wipe=S3Z8NB0K",
            "--boot",
            "--",
            "sch-001",
        ];
        assert_eq!(words, expected);
        assert_eq!(Change::read("disarm", b"").unwrap().command("a"), ["host-state", "disarm", "--json", "--", "a"]);
        let words = Change::read("power", br#"{"action": "boot-once", "dry_run": true}"#).unwrap().command("a");
        assert_eq!(words, ["host-power", "boot-once", "--json", "--dry-run", "--", "a"]);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (action, body) in [
            ("arm", r#"{"force": true}"#),
            ("arm", r#"{"wipe": ["none"]}"#),
            ("arm", r#"{"wipe": "S3Z8NB0K"}"#),
            ("arm", r#"{"wipe": ["a b"]}"#),
            ("arm", "[]"),
            ("disarm", r#"{"type": "SCH"}"#),
            ("power", ""),
            ("power", r#"{"action": "off", "force": true}"#),
            ("power", r#"{"action": "reset"}"#),
        ] {
            assert!(Change::read(action, body.as_bytes()).is_err(), "{action} {body}");
        }
        for host in ["sch-[001-040]", "--help", "", "a/b", "10.0.0.0/24"] {
            assert!(!is_host(host), "{host}");
        }
        assert!(["sch-001", "52:54:00:00:00:01", "10.0.0.7", "sch-001.lab.internal"].iter().all(|host| is_host(host)));
    }
}
