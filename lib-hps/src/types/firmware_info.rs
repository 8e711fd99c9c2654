// SPDX-License-Identifier: GPL-3.0-or-later
//! What the firmware of a machine reports when it boots: SMBIOS (DMTF DSP0134) values, passed on by iPXE.

use super::{Cpu, Line};
use serde::{Deserialize, Serialize};

/// What the firmware reports. HPS shows and logs it, and rules match it; it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmwareInfo {
    /// SMBIOS system UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Line>,
    /// SMBIOS serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Line>,
    /// SMBIOS product name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Line>,
    /// `i386`, `x86_64`, `arm64`: the architecture of iPXE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<Line>,
    /// `pcbios` or `efi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Line>,
}

impl FirmwareInfo {
    /// Their names on the wire.
    pub const NAMES: [&'static str; 5] = ["uuid", "serial", "product", "arch", "platform"];

    /// From a request. It proves nothing, so a malformed value is only made readable; an empty one counts as missing.
    pub fn from_parameters<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Self {
        let value = |name| parameter(name).map(str::trim).filter(|v| !v.is_empty()).map(Line::lossy);
        Self {
            uuid: value("uuid"),
            serial: value("serial"),
            product: value("product"),
            arch: value("arch"),
            platform: value("platform"),
        }
    }

    /// The processor that the boot loader reports; `None` if it reports none that HPS installs systems for.
    pub fn cpu(&self) -> Option<Cpu> {
        self.arch.as_ref().and_then(|word| Cpu::from_ipxe(word.as_str()))
    }

    /// Each name with its value, if there is one.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Line)> {
        let values = [&self.uuid, &self.serial, &self.product, &self.arch, &self.platform];
        Self::NAMES.into_iter().zip(values).filter_map(|(name, value)| value.as_ref().map(|v| (name, v)))
    }

    /// Whether it reports nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `platform=efi, serial=X`; empty if it reports nothing.
impl std::fmt::Display for FirmwareInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pairs: Vec<String> = self.iter().map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&pairs.join(", "))
    }
}
