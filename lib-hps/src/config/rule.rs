// SPDX-License-Identifier: GPL-3.0-or-later
//! Rules that permit the installation of machines without arming each one: which machines, and their type.

use crate::types::{
    Distro, FirmwareInfo, HostType, Line, MacAddr, MacPrefix, Profile, is_placeholder_serial, is_placeholder_uuid,
};
use serde::{Deserialize, Serialize};

/// A `[[rule]]` of the cluster file. It permits each machine that it fits once in its life, and only if the machine was
/// never installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name in messages.
    pub name: Line,
    /// The machine's MAC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<MacAddr>,
    /// How the MAC begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac_prefix: Option<MacPrefix>,
    /// What its firmware reports: the system's UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Line>,
    /// The system's serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Line>,
    /// The product's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Line>,
    /// The type that the machine gets.
    #[serde(rename = "type")]
    pub host_type: HostType,
    /// In which variant; without it the type's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// With which operating system; without it the type's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distro: Option<Distro>,
}

/// How narrow a rule is; the greater, the narrower. Compared from the first field on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    mac: bool,
    uuid: bool,
    serial: bool,
    prefix_digits: usize,
    product: bool,
}

impl Rule {
    /// Whether it fits this machine: every value in it must fit. UUIDs are compared without regard to case. A serial or UUID that makers
    /// leave in many machines fits none.
    pub fn matches(&self, mac: MacAddr, firmware: &FirmwareInfo) -> bool {
        if self.placeholder().is_some() {
            return false;
        }
        let fits = |wanted: &Option<Line>, said: &Option<Line>| match wanted {
            None => true,
            Some(wanted) => said.as_ref().is_some_and(|said| said.as_str().eq_ignore_ascii_case(wanted.as_str())),
        };
        let exactly = |wanted: &Option<Line>, said: &Option<Line>| wanted.is_none() || wanted == said;
        self.mac.is_none_or(|m| m == mac)
            && self.mac_prefix.as_ref().is_none_or(|p| p.matches(mac))
            && fits(&self.uuid, &firmware.uuid)
            && exactly(&self.serial, &firmware.serial)
            && exactly(&self.product, &firmware.product)
    }

    /// How narrow it is: a MAC before a UUID, a serial, a longer prefix, a shorter one, a product.
    pub fn specificity(&self) -> Specificity {
        Specificity {
            mac: self.mac.is_some(),
            uuid: self.uuid.is_some(),
            serial: self.serial.is_some(),
            prefix_digits: self.mac_prefix.as_ref().map_or(0, MacPrefix::digits),
            product: self.product.is_some(),
        }
    }

    /// Whether both fit the same machines and neither is narrower, so that such a machine is stopped.
    pub fn ties_with(&self, other: &Self) -> bool {
        let scope = |rule: &Self| {
            let lower = |line: &Option<Line>| line.as_ref().map(|l| l.as_str().to_ascii_lowercase());
            (rule.mac, lower(&rule.uuid), rule.serial.clone(), rule.mac_prefix.clone(), rule.product.clone())
        };
        // Equally narrow rules have the same keys; both can fit only if the values are the same.
        scope(self) == scope(other)
    }

    /// Its serial or UUID, if that names no machine, with the name of the key.
    pub fn placeholder(&self) -> Option<(&'static str, &Line)> {
        let serial = self.serial.as_ref().filter(|serial| is_placeholder_serial(serial.as_str()));
        let uuid = self.uuid.as_ref().filter(|uuid| is_placeholder_uuid(uuid.as_str()));
        serial.map(|serial| ("serial", serial)).or(uuid.map(|uuid| ("uuid", uuid)))
    }

    /// Whether it has any value. In a cluster file a rule without one would fit every machine for ever.
    pub fn is_narrowed(&self) -> bool {
        let anything = Specificity { mac: false, uuid: false, serial: false, prefix_digits: 0, product: false };
        self.specificity() != anything
    }

    /// Its conditions, in a few words.
    pub fn conditions(&self) -> String {
        let mut words = Vec::new();
        let mut add = |key: &str, value: Option<String>| words.extend(value.map(|v| format!("{key}={v}")));
        add("mac", self.mac.map(MacAddr::colons));
        add("mac_prefix", self.mac_prefix.as_ref().map(ToString::to_string));
        add("uuid", self.uuid.as_ref().map(ToString::to_string));
        add("serial", self.serial.as_ref().map(ToString::to_string));
        add("product", self.product.as_ref().map(ToString::to_string));
        if words.is_empty() { "any machine".to_owned() } else { words.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        toml::from_str(&format!("name = \"r\"\ntype = \"SCH\"\n{text}")).unwrap()
    }

    #[test]
    fn everything_named_must_fit() {
        let mac: MacAddr = "525400000001".parse().unwrap();
        let firmware = FirmwareInfo {
            serial: Some(Line::lossy("S1")),
            uuid: Some(Line::lossy("ABCD")),
            product: Some(Line::lossy("R640")),
            ..FirmwareInfo::default()
        };
        for (text, fits) in [
            ("", true),
            ("mac = \"52:54:00:00:00:01\"", true),
            ("mac = \"52:54:00:00:00:02\"", false),
            ("mac_prefix = \"52:54\"", true),
            ("uuid = \"abcd\"", true),
            ("serial = \"s1\"", false),
            ("serial = \"S1\"\nproduct = \"R640\"", true),
            ("serial = \"S1\"\nproduct = \"R740\"", false),
        ] {
            assert_eq!(rule(text).matches(mac, &firmware), fits, "{text}");
        }
        assert!(!rule("serial = \"S1\"").matches(mac, &FirmwareInfo::default()), "what is not said does not fit");
        let board = FirmwareInfo {
            serial: Some(Line::lossy("To be filled by O.E.M.")),
            uuid: Some(Line::lossy("03000200-0400-0500-0006-000700080009")),
            ..FirmwareInfo::default()
        };
        for text in ["serial = \"To be filled by O.E.M.\"", "uuid = \"03000200-0400-0500-0006-000700080009\""] {
            assert!(!rule(text).matches(mac, &board), "{text}");
        }
    }

    #[test]
    fn the_narrower_the_greater() {
        let order = [
            "",
            "product = \"x\"",
            "mac_prefix = \"52\"",
            "mac_prefix = \"5254\"",
            "serial = \"x\"",
            "uuid = \"x\"",
            "mac = \"525400000001\"",
        ];
        for pair in order.windows(2) {
            assert!(rule(pair[0]).specificity() < rule(pair[1]).specificity(), "{pair:?}");
        }
        assert!(!rule("").is_narrowed() && rule(order[1]).is_narrowed());
    }
}
