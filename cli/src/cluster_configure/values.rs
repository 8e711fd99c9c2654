// SPDX-License-Identifier: GPL-3.0-or-later
//! Answers that have more words than their value in the cluster file.

use clap::ValueEnum;
use hps::config::{Console, TypeDefinition, TypeSettings, supported};
use hps::types::{Distro, HostType, Profile};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// For no value.
pub(super) const NONE: &str = "none";

/// A value, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrNone<T>(pub(super) Option<T>);

impl<T: FromStr<Err: fmt::Display>> FromStr for OrNone<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().eq_ignore_ascii_case(NONE) {
            return Ok(Self(None));
        }
        text.trim().parse().map(|value| Self(Some(value))).map_err(|why: T::Err| format!("{why}; or: {NONE}"))
    }
}

impl<T: fmt::Display> fmt::Display for OrNone<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str(NONE),
        }
    }
}

/// An address, with a message that shows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address(pub(super) Ipv4Addr);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.trim().parse().map(Self).map_err(|_| format!("\"{text}\": expected an IPv4 address, such as 10.0.0.254"))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Addresses, separated by blanks or commas; `none` for an empty list.
pub(super) fn addresses(text: &str) -> Result<Vec<Ipv4Addr>, String> {
    let parts = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
    let OrNone(list) = match text.trim().eq_ignore_ascii_case(NONE) {
        true => OrNone(None),
        false => OrNone(Some(parts.map(|part| part.parse::<Address>().map(|a| a.0)).collect::<Result<_, _>>()?)),
    };
    Ok(list.unwrap_or_default())
}

/// Consoles, separated by blanks: a console has a comma itself.
pub(super) fn consoles(text: &str) -> Result<Vec<Console>, String> {
    if text.trim().eq_ignore_ascii_case(NONE) {
        return Ok(Vec::new());
    }
    text.split_whitespace().map(|part| part.parse().map_err(|why: hps::types::Invalid| why.to_string())).collect()
}

/// A list in the form of an answer.
pub(super) fn listed<T: fmt::Display>(values: &[T]) -> String {
    let words: Vec<String> = values.iter().map(ToString::to_string).collect();
    if words.is_empty() { NONE.to_owned() } else { words.join(" ") }
}

/// Where hosts get their time from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TimeServers {
    /// The default of their system.
    System,
    ThisNode,
    Servers(Vec<Ipv4Addr>),
}

impl TimeServers {
    const THIS_NODE: &'static str = "this-node";
}

impl FromStr for TimeServers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().eq_ignore_ascii_case(Self::THIS_NODE) {
            return Ok(Self::ThisNode);
        }
        let servers = addresses(text).map_err(|why| format!("{why}; or: {}, {NONE}", Self::THIS_NODE))?;
        Ok(if servers.is_empty() { Self::System } else { Self::Servers(servers) })
    }
}

impl fmt::Display for TimeServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str(NONE),
            Self::ThisNode => f.write_str(Self::THIS_NODE),
            Self::Servers(servers) => f.write_str(&listed(servers)),
        }
    }
}

/// On which disks hosts are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiskLayout {
    /// System and pool on one disk
    Single,
    /// The system on one disk, the pool of storage hosts on the others
    Raid,
    /// The system and the pool on two disks, as RAID 1
    Mirror,
    /// The system on two disks as RAID 1, the pool of storage hosts on the others
    MirrorRaid,
}

impl DiskLayout {
    pub(super) const ALL: [Self; 4] = [Self::Single, Self::Raid, Self::Mirror, Self::MirrorRaid];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Raid => "raid",
            Self::Mirror => "mirror",
            Self::MirrorRaid => "mirror-raid",
        }
    }

    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Single => "system and pool on one disk",
            Self::Raid => "the system on one disk, the pool of storage hosts on the others",
            Self::Mirror => "system and pool on two disks, as RAID 1",
            Self::MirrorRaid => "the system on two disks as RAID 1, the pool of storage hosts on the others",
        }
    }

    /// That of storage hosts, otherwise of the first type.
    pub(super) fn from_types<'a>(mut types: impl Iterator<Item = (&'a HostType, &'a TypeSettings)> + Clone) -> Self {
        let storage = types.clone().find(|(t, s)| has_variants(**t, s)).or_else(|| types.next());
        let Some((_, settings)) = storage else { return Self::Single };
        match (settings.profile == Some(Profile::StorageRaid), settings.disks.mirror) {
            (false, false) => Self::Single,
            (true, false) => Self::Raid,
            (false, true) => Self::Mirror,
            (true, true) => Self::MirrorRaid,
        }
    }

    /// Gives it to one type.
    pub(super) fn apply(self, host_type: HostType, settings: &mut TypeSettings) {
        settings.disks.mirror = matches!(self, Self::Mirror | Self::MirrorRaid);
        let raid = matches!(self, Self::Raid | Self::MirrorRaid);
        // Other types have no variants.
        if has_variants(host_type, settings) && raid != (settings.profile == Some(Profile::StorageRaid)) {
            settings.profile = Some(if raid { Profile::StorageRaid } else { Profile::StorageSingle });
        }
    }
}

fn has_variants(host_type: HostType, settings: &TypeSettings) -> bool {
    !TypeDefinition::with_settings(host_type, settings).profiles.is_empty()
}

/// What hosts are installed with: one system for all types, or one for each named type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Systems(pub(super) Vec<(HostType, Distro)>);

impl Systems {
    /// The words of a list.
    pub(super) const WORDS: [&'static str; 6] =
        ["debian-12", "debian-13", "rockylinux-9", "rockylinux-10", "almalinux-9", "almalinux-10"];

    /// `debian-12`, or a whole distro string.
    pub(super) fn system(text: &str) -> Result<Distro, String> {
        let whole = match text.matches('-').count() {
            1 => format!("x86_64-linux-{text}"),
            _ => text.to_owned(),
        };
        let distro: Distro =
            whole.parse().map_err(|_| format!("\"{text}\": expected one of {}", Self::WORDS.join(", ")))?;
        supported(&distro).map_err(|why| why.to_string())?;
        Ok(distro)
    }
}

impl FromStr for Systems {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> =
            text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
        if let [one] = words.as_slice()
            && !one.contains('=')
        {
            let distro = Self::system(one)?;
            return Ok(Self(HostType::BUILT_IN.map(|host_type| (host_type, distro.clone())).to_vec()));
        }
        let pair = |word: &&str| {
            let (host_type, system) = word.split_once('=').ok_or_else(|| {
                format!("\"{word}\": expected one system, or TYPE=SYSTEM for each type, such as SCH=debian-12")
            })?;
            let host_type: HostType =
                host_type.to_ascii_uppercase().parse().map_err(|why: hps::types::Invalid| why.to_string())?;
            Ok((host_type, Self::system(system)?))
        };
        words.iter().map(pair).collect::<Result<_, String>>().map(Self)
    }
}

impl fmt::Display for Systems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |distro: &Distro| {
            let text = distro.to_string();
            text.strip_prefix("x86_64-linux-").map_or(text.clone(), ToOwned::to_owned)
        };
        match self.0.as_slice() {
            [(_, first), rest @ ..]
                if self.0.len() == HostType::BUILT_IN.len() && rest.iter().all(|(_, other)| other == first) =>
            {
                f.write_str(&short(first))
            }
            all => {
                let words: Vec<String> = all.iter().map(|(host_type, d)| format!("{host_type}={}", short(d))).collect();
                f.write_str(&words.join(" "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hps::types::SyslogServer;

    #[test]
    fn each_answer_is_printed_as_it_is_typed() {
        for text in ["none", "tcp:10.0.0.5"] {
            assert_eq!(text.parse::<OrNone<SyslogServer>>().unwrap().to_string(), text);
        }
        assert_eq!(" None ".parse::<OrNone<SyslogServer>>(), Ok(OrNone(None)));
        for text in ["none", "this-node", "10.0.0.5 10.0.0.6"] {
            assert_eq!(text.parse::<TimeServers>().unwrap().to_string(), text);
        }
        for text in ["debian-13", "SCH=debian-12 TCH=rockylinux-10", "aarch64-linux-debian-12"] {
            assert_eq!(text.parse::<Systems>().unwrap().to_string(), text);
        }
        assert_eq!(addresses("10.0.0.5, 10.0.0.6").unwrap().len(), 2);
        assert_eq!(consoles("ttyS0,115200n8 ttyS1").unwrap().len(), 2);
    }

    #[test]
    fn a_wrong_answer_names_what_is_expected() {
        for (problem, word) in [
            ("logs".parse::<OrNone<SyslogServer>>().unwrap_err(), "or: none"),
            ("10.0.0.300".parse::<TimeServers>().unwrap_err(), "this-node"),
            ("debian-11".parse::<Systems>().unwrap_err(), "debian"),
            ("plan9".parse::<Systems>().unwrap_err(), "almalinux-10"),
            ("X-X=debian-12".parse::<Systems>().unwrap_err(), "host type"),
            (consoles("serial").unwrap_err(), "ttyS0"),
        ] {
            assert!(problem.contains(word), "{word}: {problem}");
        }
    }

    #[test]
    fn a_layout_of_disks_is_read_back() {
        for layout in DiskLayout::ALL {
            let mut settings = TypeSettings::new(Systems::system("debian-12").unwrap());
            layout.apply(HostType::SCH, &mut settings);
            let types = [(HostType::SCH, settings)];
            assert_eq!(DiskLayout::from_types(types.iter().map(|(t, s)| (t, s))), layout);
        }
    }
}
