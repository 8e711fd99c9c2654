// SPDX-License-Identifier: GPL-3.0-or-later
//! How a host is switched on and off: `clusters/<name>/bmc/<mac>.toml`. Only root writes and reads it. The record of the
//! host has no word in it, since the web server's user can write records, and credentials follow the address in here.

use super::parse_error::ParseErrors;
use super::reader::{self, Samples};
use super::setting_error::{SettingError, SettingErrors};
use crate::types::{
    BmcAddress, BootMode, ConsoleSource, CredentialsName, PowerProtocol, Sha256Digest, SitePath, SystemId,
};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerControl {
    version: u32,
    /// The protocol.
    pub protocol: PowerProtocol,
    /// Where the BMC answers; for wake-on-LAN the broadcast address of another network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<BmcAddress>,
    /// Which stored user and password it accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<CredentialsName>,
    /// SHA-256 of the certificate of the BMC, as DER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Sha256Digest>,
    /// Whether the BMC is asked by http, where everybody on the way reads the password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain_http: bool,
    /// Which system of the BMC; needed only where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// The cipher suite of IPMI, for a BMC that does not report those that it has: 3 or 17.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher_suite: Option<u8>,
    /// The firmware mode of the host; without it the one in which it booted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<BootMode>,
    /// The program of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<SitePath>,
    /// Where its console comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<ConsoleSource>,
}

/// One value for each required key.
const SAMPLES: Samples = Samples(&[("version", "1"), ("protocol", "\"ipmi\"")]);

impl PowerControl {
    const VERSION: u32 = 1;

    /// Nothing but a protocol.
    pub fn new(protocol: PowerProtocol) -> Self {
        Self {
            version: Self::VERSION,
            protocol,
            address: None,
            credentials: None,
            fingerprint: None,
            plain_http: false,
            system: None,
            cipher_suite: None,
            boot_mode: None,
            command: None,
            console: None,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// All of its mistakes.
    pub fn parse(text: &str) -> Result<Self, ParseErrors> {
        reader::read(text, SAMPLES, Self::contradictions)
    }

    /// What in it does not fit together, one line each.
    pub fn contradictions(&self) -> Vec<SettingError> {
        let mut found = SettingErrors::default();
        if self.version != Self::VERSION {
            let problem = format!("version is {}: this program reads version {}", self.version, Self::VERSION);
            found.add(&["version"], problem);
            return found.into_vec();
        }
        let protocol = self.protocol;
        let is_redfish = protocol == PowerProtocol::Redfish;
        let is_command = protocol == PowerProtocol::Command;
        let is_sol = self.console == Some(ConsoleSource::SerialOverLan);
        if is_sol && !protocol.is_of_bmc() {
            let problem = format!("console is sol, which protocol {protocol} has no BMC for; expected command:/PATH");
            found.add(&["console"], problem);
        }
        for (key, is_given, is_needed, is_allowed) in [
            ("address", self.address.is_some(), protocol.is_of_bmc(), !is_command),
            ("credentials", self.credentials.is_some(), protocol.is_of_bmc(), protocol.is_of_bmc()),
            ("fingerprint", self.fingerprint.is_some(), is_redfish && !self.plain_http, is_redfish && !self.plain_http),
            ("plain_http", self.plain_http, false, is_redfish),
            ("system", self.system.is_some(), false, is_redfish),
            ("cipher_suite", self.cipher_suite.is_some(), false, protocol == PowerProtocol::Ipmi || is_sol),
            ("command", self.command.is_some(), is_command, is_command),
            ("boot_mode", self.boot_mode.is_some(), false, protocol != PowerProtocol::WakeOnLan),
        ] {
            if is_needed && !is_given {
                found.add(&["protocol", key], format!("{key} is missing, which protocol {protocol} needs"));
            }
            if is_given && !is_allowed {
                let with = if self.plain_http && is_redfish { " with plain_http" } else { "" };
                found.add(&[key], format!("{key} is given, which protocol {protocol}{with} does not use"));
            }
        }
        if self.cipher_suite.is_some_and(|suite| suite != 3 && suite != 17) {
            found.add(&["cipher_suite"], "expected 3 or 17; the others do not protect the password".to_owned());
        }
        found.into_vec()
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let mut text =
            "# How this host is switched on and off. host-power writes it; only root can read it.\n".to_owned();
        let mut line = |key: &str, value: &dyn std::fmt::Display| {
            // A value of these types has no character that TOML escapes.
            let _infallible = writeln!(text, "{key} = \"{value}\"");
        };
        let Self {
            version,
            protocol,
            address,
            credentials,
            fingerprint,
            plain_http,
            system,
            cipher_suite,
            boot_mode,
            command,
            console,
        } = self;
        line("protocol", protocol);
        let values: [(&str, Option<&dyn std::fmt::Display>); 7] = [
            ("address", address.as_ref().map(|value| value as _)),
            ("credentials", credentials.as_ref().map(|value| value as _)),
            ("fingerprint", fingerprint.as_ref().map(|value| value as _)),
            ("system", system.as_ref().map(|value| value as _)),
            ("boot_mode", boot_mode.as_ref().map(|value| value as _)),
            ("command", command.as_ref().map(|value| value as _)),
            ("console", console.as_ref().map(|value| value as _)),
        ];
        values.into_iter().filter_map(|(key, value)| Some((key, value?))).for_each(|(key, value)| line(key, value));
        if let Some(suite) = cipher_suite {
            let _infallible = writeln!(text, "cipher_suite = {suite}");
        }
        if *plain_http {
            text.push_str("plain_http = true\n");
        }
        text.replacen("protocol", &format!("version = {version}\nprotocol"), 1)
    }

    /// `redfish at 10.0.9.7`: for messages.
    pub fn describe(&self) -> String {
        let at = |name: String| format!("{} at {name}", self.protocol);
        match (&self.address, &self.command) {
            (Some(address), _) => at(address.to_string()),
            (None, Some(command)) => format!("{} {command}", self.protocol),
            (None, None) => self.protocol.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PowerControl, String> {
        PowerControl::parse(text).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn what_is_written_is_read() {
        let print = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for text in [
            &format!(
                "protocol = \"redfish\"\naddress = \"bmc-7.example:8443\"\ncredentials = \"rack7\"\nfingerprint = \"{print}\"\nsystem = \"System.Embedded.1\"\nboot_mode = \"uefi\"\n"
            ),
            "protocol = \"redfish\"\naddress = \"10.0.9.7\"\ncredentials = \"rack7\"\nplain_http = true\n",
            "protocol = \"ipmi\"\naddress = \"[fd00::7]:624\"\ncredentials = \"rack7\"\ncipher_suite = 3\n",
            "protocol = \"ipmi\"\naddress = \"10.0.9.7\"\ncredentials = \"rack7\"\nconsole = \"sol\"\n",
            "protocol = \"wake-on-lan\"\nconsole = \"command:/usr/local/sbin/console\"\n",
            "protocol = \"wake-on-lan\"\n",
            "protocol = \"command\"\ncommand = \"/usr/local/sbin/pdu\"\n",
        ] {
            let control = read(&format!("version = 1\n{text}")).unwrap();
            assert_eq!(control.to_text().lines().skip(2).collect::<Vec<_>>().join("\n") + "\n", text);
            assert_eq!(read(&control.to_text()).unwrap(), control);
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for (text, words) in [
            ("", "protocol"),
            ("protocol = \"telnet\"", "expected redfish, ipmi, wake-on-lan or command"),
            ("protocol = \"ipmi\"\naddress = \"10.0.0.1\"", "credentials is missing"),
            ("protocol = \"redfish\"\naddress = \"10.0.0.1\"\ncredentials = \"a\"", "fingerprint is missing"),
            ("protocol = \"wake-on-lan\"\ncredentials = \"a\"", "credentials is given"),
            ("protocol = \"command\"\ncommand = \"pdu\"", "absolute path"),
            ("protocol = \"command\"\ncommand = \"/sbin/pdu\"\naddress = \"10.0.0.1\"", "address is given"),
            ("protocol = \"wake-on-lan\"\nconsole = \"sol\"", "console is sol"),
            ("protocol = \"wake-on-lan\"\nconsole = \"ssh\"", "expected sol or command:/PATH"),
            ("protocol = \"wake-on-lan\"\npassword = \"x\"", "password"),
        ] {
            let error = read(&format!("version = 1\n{text}\n")).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        assert!(read("version = 2\nprotocol = \"wake-on-lan\"\n").unwrap_err().contains("version is 2"));
    }
}
