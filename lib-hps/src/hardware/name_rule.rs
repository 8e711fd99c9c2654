// SPDX-License-Identifier: GPL-3.0-or-later
//! How discovered machines are named: `{rack}-{port}`, by the switch port that each hangs on.

use super::machine::Hardware;
use super::part::Neighbour;
use crate::types::{HostName, Invalid, MacAddr};
use std::fmt;
use std::str::FromStr;

/// A rule: text with words in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRule {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Rack,
    Switch,
    /// The last number of the port, with at least so many digits.
    Port(usize),
    Serial,
    Mac,
}

/// Why a machine has no name by a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoName {
    /// No card heard a switch.
    #[error("no card of it has heard a switch, and the name needs {0}")]
    NoSwitch(&'static str),
    /// The port has no number.
    #[error("its port {0:?} has no number")]
    NoNumber(String),
    /// It reports no serial.
    #[error("it reports no serial")]
    NoSerial,
    /// The result is no host name.
    #[error("{0:?} is no host name")]
    NotAName(String),
}

impl FromStr for NameRule {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || {
            Invalid::new(
                "rule for names",
                text,
                "expected text with {rack}, {switch}, {port}, {port:2}, {serial} or {mac}, such as '{rack}-{port:2}'",
            )
        };
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (word, behind) = after.split_once('}').ok_or_else(wrong)?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(match word {
                "rack" => Part::Rack,
                "switch" => Part::Switch,
                "port" => Part::Port(1),
                "serial" => Part::Serial,
                "mac" => Part::Mac,
                _ => match word.strip_prefix("port:").and_then(|digits| digits.parse().ok()) {
                    Some(digits @ 1..=4) => Part::Port(digits),
                    _ => return Err(wrong()),
                },
            });
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        let distinguishes = parts.iter().any(|part| matches!(part, Part::Port(_) | Part::Serial | Part::Mac));
        if rest.contains('}') || text.len() > 128 || !distinguishes {
            return Err(wrong());
        }
        Ok(Self { text: text.to_owned(), parts })
    }
}

impl fmt::Display for NameRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl NameRule {
    /// The name of a machine. `rack` replaces the name of the switch as the rack.
    ///
    /// # Errors
    /// What its report lacks, or that the result is no host name.
    pub fn name(&self, mac: MacAddr, hardware: &Hardware, rack: Option<&str>) -> Result<HostName, NoName> {
        let port = hardware.switch_port(mac);
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Rack => match rack {
                    Some(rack) => name.push_str(rack),
                    None => name.push_str(&switch_label(port.ok_or(NoName::NoSwitch("{rack}; give --rack"))?)),
                },
                Part::Switch => name.push_str(&switch_label(port.ok_or(NoName::NoSwitch("{switch}"))?)),
                Part::Port(digits) => {
                    let port = port.ok_or(NoName::NoSwitch("{port}"))?;
                    name.push_str(&port_number(port, *digits)?);
                }
                Part::Serial => {
                    let serial = hardware.board.serial.as_ref().ok_or(NoName::NoSerial)?;
                    name.push_str(&plain(serial.as_str()));
                }
                Part::Mac => name.push_str(&mac.to_string()),
            }
        }
        name.parse().map_err(|_| NoName::NotAName(name))
    }
}

impl Hardware {
    /// The switch port of the card with this MAC, otherwise of the first card that heard a switch.
    pub fn switch_port(&self, mac: MacAddr) -> Option<&Neighbour> {
        let own = self.cards.iter().find(|card| card.mac == mac).and_then(|card| card.neighbour.as_ref());
        own.or_else(|| self.cards.iter().find_map(|card| card.neighbour.as_ref()))
    }
}

/// The first label of the name of a switch, as a part of a host name.
fn switch_label(port: &Neighbour) -> String {
    plain(port.switch.as_str().split('.').next().unwrap_or_default())
}

/// Lower case, and a dash for everything that a host name cannot have.
fn plain(text: &str) -> String {
    let dashed: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    dashed.trim_matches('-').to_owned()
}

fn port_number(port: &Neighbour, digits: usize) -> Result<String, NoName> {
    let text = port.port.as_str();
    let no_number = || NoName::NoNumber(text.to_owned());
    let end = text.rfind(|c: char| c.is_ascii_digit()).ok_or_else(no_number)?;
    let upto = text.get(..=end).ok_or_else(no_number)?;
    let begin = upto.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let number = upto.get(begin..).ok_or_else(no_number)?;
    Ok(format!("{number:0>digits$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::{Card, Occasion};
    use crate::types::{Line, Timestamp};

    fn machine(switch: &str, port: &str) -> (MacAddr, Hardware) {
        let mac: MacAddr = "525400000001".parse().unwrap();
        let mut hardware = Hardware::new(Timestamp::from_unix(0), Occasion::Discovery);
        let neighbour = (!switch.is_empty()).then(|| Neighbour {
            switch: Line::lossy(switch),
            port: Line::lossy(port),
            about: None,
        });
        hardware.board.serial = Some(Line::lossy("S/N 7"));
        hardware.cards.push(Card {
            name: Line::lossy("eth0"),
            mac,
            driver: None,
            firmware: None,
            place: None,
            link: None,
            mbit: None,
            max_mbit: None,
            neighbour,
        });
        (mac, hardware)
    }

    fn named(rule: &str, switch: &str, port: &str, rack: Option<&str>) -> Result<String, String> {
        let (mac, hardware) = machine(switch, port);
        let name = rule.parse::<NameRule>().unwrap().name(mac, &hardware, rack);
        name.map(|name| name.to_string()).map_err(|why| why.to_string())
    }

    #[test]
    fn a_name_follows_from_switch_and_port() {
        for (rule, switch, port, rack, name) in [
            ("{rack}-{port}", "Rack7.example.org", "Ethernet1/12", None, "rack7-12"),
            ("{rack}-{port:2}", "sw", "ge-0/0/7", Some("r7"), "r7-07"),
            ("n{port:3}", "sw", "7", None, "n007"),
            ("{switch}-{port}", "sw_a1", "Gi1/0/3.0up", None, "sw-a1-0"),
            ("m-{serial}", "", "", None, "m-s-n-7"),
            ("m{mac}", "", "", None, "m525400000001"),
        ] {
            assert_eq!(named(rule, switch, port, rack).as_deref(), Ok(name), "{rule}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(named("{rack}-{port}", "", "", Some("r7")).unwrap_err().contains("{port}"));
        assert!(named("{rack}-{port}", "", "", None).unwrap_err().contains("--rack"));
        assert!(named("{rack}-{port}", "sw", "uplink", None).unwrap_err().contains("uplink"));
        assert!(named("-{port}", "sw", "7", None).unwrap_err().contains("no host name"));
        assert!(named("{port}", "sw", &"1".repeat(90), None).is_err());
    }

    #[test]
    fn rules_that_name_two_machines_alike_are_refused() {
        for bad in ["", "rack7", "{rack}", "{rack}-{prt}", "{port", "port}", "{port}}", "{port:0}", "{port:9}"] {
            assert!(bad.parse::<NameRule>().is_err(), "{bad}");
        }
    }
}
