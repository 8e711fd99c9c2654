// SPDX-License-Identifier: GPL-3.0-or-later
//! `hosts/MAC.conf` of the shell release.

use super::lines::{Assignment, assignments};
use super::note::{Fate, Note, Notes};
use crate::config::TypeDefinition;
use crate::types::{HostName, HostType, Invalid, MacAddr, Profile};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// A host of the shell release, as far as it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellHost {
    /// Its MAC, by the name of its file.
    pub mac: MacAddr,
    /// The file.
    pub file: String,
    /// Its name.
    pub name: Option<HostName>,
    /// Its type.
    pub host_type: Option<HostType>,
    /// Its profile.
    pub profile: Option<Profile>,
    /// Its address.
    pub address: Option<Ipv4Addr>,
    /// `INSTALLED`, `REINSTALL`, `FAILED`, `CONFIGURED` or `UNCONFIGURED`.
    pub state: &'static str,
    /// When it was changed last, as the file says it; such times sort as texts.
    pub updated: String,
}

/// Reads the text of `file`, the name in messages; the last part of it is the MAC. `None` if that is no MAC.
pub fn read_host(file: &str, text: &str) -> (Option<ShellHost>, Vec<Note>) {
    let mut notes = Notes::new(file);
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = stem.strip_suffix(".conf").unwrap_or(stem);
    let mac = match stem.parse::<MacAddr>() {
        Ok(mac) => mac,
        Err(error) => {
            notes.add(Fate::Refused, 0, format!("the name of the file: {error}"));
            return (None, notes.into_sorted());
        }
    };
    let all = assignments(text, &mut notes);
    let mut host = ShellHost {
        mac,
        file: file.to_owned(),
        name: None,
        host_type: None,
        profile: None,
        address: None,
        state: "UNCONFIGURED",
        updated: String::new(),
    };
    for found in all.iter().filter(|found| !found.value.is_empty()) {
        match found.key.as_str() {
            "STATE" => host.state = state(found, &mut notes),
            "TYPE" => host.host_type = host_type(found, &mut notes),
            "PROFILE" => host.profile = value(found, &found.value.to_ascii_uppercase(), &mut notes),
            "HOSTNAME" => {
                let short = found.value.split('.').next().unwrap_or_default().to_ascii_lowercase();
                host.name = value(found, &short, &mut notes);
            }
            "IP" => match found.value.split('/').next().unwrap_or_default().parse() {
                Ok(address) => host.address = Some(address),
                Err(_) => notes.add(Fate::Refused, found.line, format!("IP {:?}: expected IPv4", found.value)),
            },
            "UPDATED" => host.updated.clone_from(&found.value),
            "FORCE_INSTALL" if found.value.eq_ignore_ascii_case("yes") => {
                notes.add(Fate::Dropped, found.line, "FORCE_INSTALL YES: only a permission of yours wipes a disk");
            }
            // NETMASK is the cluster's; STATUS was written by mistake.
            "FORCE_INSTALL" | "NETMASK" | "STATUS" | "MAC" => {}
            key => notes.add(Fate::Dropped, found.line, format!("{key} {:?}: HPS has no such value", found.value)),
        }
    }
    let fits = |profile: Profile| {
        host.host_type
            .and_then(TypeDefinition::built_in)
            .is_some_and(|definition| definition.profiles.contains(&profile))
    };
    if let Some(profile) = host.profile.filter(|profile| !fits(*profile)) {
        let of = host.host_type.map_or_else(|| "a host without a type".to_owned(), |host_type| host_type.to_string());
        notes.add(Fate::Dropped, 0, format!("PROFILE {profile}: {of} has no such profile"));
        host.profile = None;
    }
    if host.state == "UNCONFIGURED"
        && let Some(host_type) = host.host_type
    {
        // The shell release left the type when it took back an installed host. Here such a host has none.
        notes.add(Fate::Changed, 0, format!("STATE UNCONFIGURED with TYPE {host_type}: taken as CONFIGURED"));
        host.state = "CONFIGURED";
    }
    (Some(host), notes.into_sorted())
}

/// The old states; an installation that ended was often never reported.
fn state(found: &Assignment, notes: &mut Notes) -> &'static str {
    let known = ["UNCONFIGURED", "CONFIGURED", "INSTALLED", "REINSTALL", "FAILED"];
    let upper = found.value.to_ascii_uppercase();
    if let Some(state) = known.into_iter().find(|state| *state == upper) {
        return state;
    }
    let (fate, why) = match upper.as_str() {
        "INSTALLING" => {
            (Fate::Changed, "the shell release left it at the end of an installation too; taken as INSTALLED")
        }
        "ACTIVE" => (Fate::Changed, "taken as INSTALLED"),
        _ => (Fate::Refused, "no state of the shell release; taken as INSTALLED, so that its disk is safe"),
    };
    notes.add(fate, found.line, format!("STATE {}: {why}", found.value));
    "INSTALLED"
}

fn host_type(found: &Assignment, notes: &mut Notes) -> Option<HostType> {
    let upper = found.value.to_ascii_uppercase();
    if upper == "DRN" {
        notes.add(Fate::Changed, found.line, "TYPE DRN: it is called DRH");
        return Some(HostType::DRH);
    }
    kept(found, &upper, HostType::of_hps(&upper), notes)
}

fn value<T: FromStr<Err = Invalid>>(found: &Assignment, text: &str, notes: &mut Notes) -> Option<T> {
    kept(found, text, text.parse(), notes)
}

fn kept<T>(found: &Assignment, text: &str, value: Result<T, Invalid>, notes: &mut Notes) -> Option<T> {
    match value {
        Ok(value) => {
            if text.eq_ignore_ascii_case(&found.value) && text != found.value {
                // The same words for each host, so that a report can sum them up.
                let letters = if text == text.to_ascii_lowercase() { "small letters" } else { "capitals" };
                notes.add(Fate::Changed, found.line, format!("{}: taken in {letters}", found.key));
            } else if text != found.value {
                notes.add(Fate::Changed, found.line, format!("{} {:?}: taken as {text}", found.key, found.value));
            }
            Some(value)
        }
        Err(error) => {
            notes.add(Fate::Refused, found.line, format!("{}: {error}", found.key));
            None
        }
    }
}

/// Takes a name or an address away from all but the host that was changed last, or is the first in the order of files: the shell release gave some of them twice.
pub fn settle_doubles(hosts: &mut [ShellHost]) -> Vec<Note> {
    let mut notes = Vec::new();
    // The newest first; among equals the first file.
    let mut order: Vec<usize> = (0..hosts.len()).collect();
    order.sort_by(|a, b| {
        let key = |at: &usize| hosts.get(*at).map(|host| (std::cmp::Reverse(host.updated.clone()), host.file.clone()));
        key(a).cmp(&key(b))
    });
    let mut taken: HashMap<String, String> = HashMap::new();
    for at in order {
        let Some(host) = hosts.get_mut(at) else { continue };
        let file = host.file.clone();
        let mut is_double = |value: String| {
            let holder = taken.entry(value.clone()).or_insert_with(|| file.clone()).clone();
            let is_double = holder != file;
            if is_double {
                let text = format!(
                    "{value} is also in {holder}, which keeps it: it was changed later, or is the first of both"
                );
                notes.push(Note { file: file.clone(), line: 0, fate: Fate::Refused, text });
            }
            is_double
        };
        if host.name.as_ref().is_some_and(|name| is_double(format!("HOSTNAME {name}"))) {
            host.name = None;
        }
        if host.address.is_some_and(|address| is_double(format!("IP {address}"))) {
            host.address = None;
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, text: &str) -> (Option<ShellHost>, Vec<String>) {
        let (host, notes) = read_host(file, text);
        (host, notes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_host_that_was_taken_back_keeps_its_type() {
        for text in ["STATE=UNCONFIGURED\nTYPE=SCH\n", "TYPE=SCH\n"] {
            let (host, notes) = read("hosts/525400000001.conf", text);
            assert_eq!(host.unwrap().state, "CONFIGURED", "{text}");
            assert!(notes[0].contains("changed: STATE UNCONFIGURED with TYPE SCH"), "{notes:?}");
        }
        assert_eq!(read("hosts/525400000001.conf", "").0.unwrap().state, "UNCONFIGURED");
    }

    #[test]
    fn an_untidy_host_keeps_what_can_be_kept() {
        let text = "STATE=\"INSTALLING\"\nTYPE=drn\nPROFILE=\"STORAGERAID\"\nIP=\"10.20.0.5\"\nNETMASK=255.255.255.0\n\
                    HOSTNAME=\"DRN-001\"\nFORCE_INSTALL=YES\nUPDATED=\"2025-07-01 10:00:00 UTC\"\nCOLOUR=red\nSTATUS=x\n";
        let (host, notes) = read("hosts/52540000000A.conf", text);
        let host = host.unwrap();
        assert_eq!((host.state, host.host_type, host.profile), ("INSTALLED", Some(HostType::DRH), None));
        assert_eq!(host.name.unwrap().as_str(), "drn-001");
        for part in [
            "hosts/52540000000A.conf: dropped: PROFILE STORAGERAID: DRH has no such profile",
            "hosts/52540000000A.conf:1: changed: STATE INSTALLING",
            "hosts/52540000000A.conf:2: changed: TYPE DRN",
            "hosts/52540000000A.conf:6: changed: HOSTNAME: taken in small letters",
            "hosts/52540000000A.conf:7: dropped: FORCE_INSTALL YES",
            "hosts/52540000000A.conf:9: dropped: COLOUR \"red\"",
        ] {
            assert!(notes.iter().any(|note| note.starts_with(part)), "{part} in {notes:#?}");
        }
        assert_eq!(notes.len(), 6, "{notes:#?}");
        let (host, notes) = read("hosts/525400000001.conf", "STATE=SLEEPING\nIP=ten\nHOSTNAME=a b\n");
        assert_eq!((host.unwrap().state, notes.len()), ("INSTALLED", 4), "its disk is safe");
        let (host, notes) = read("hosts/active.conf", "STATE=INSTALLED\n");
        assert!(host.is_none() && notes[0].contains("the name of the file"), "{notes:?}");
    }

    #[test]
    fn what_was_given_twice_stays_with_the_newest() {
        let host = |file: &str, updated: &str| {
            let text = format!("HOSTNAME=sch-001\nIP=10.20.0.5\nUPDATED=\"{updated}\"\n");
            read_host(file, &text).0.unwrap()
        };
        let mut hosts = [
            host("525400000001.conf", "2025-07-01 10:00:00 UTC"),
            host("525400000002.conf", "2025-07-02 10:00:00 UTC"),
        ];
        let notes = settle_doubles(&mut hosts);
        assert_eq!((hosts[0].name.is_some(), hosts[1].name.is_some()), (false, true));
        assert_eq!((hosts[0].address, notes.len()), (None, 2));
        let words = "525400000001.conf: refused: HOSTNAME sch-001 is also in 525400000002.conf, which keeps it: it was changed later, or is the first of both";
        assert_eq!(notes[0].to_string(), words);
    }
}
