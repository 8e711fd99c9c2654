// SPDX-License-Identifier: GPL-3.0-or-later
//! Hosts as a person types them, resolved to MACs and records: by MAC, by name, by a range of names, or from a file.

pub(crate) use super::complete::hosts as completer;
use super::host_word::HostWord;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::host::Host;
use hps::store::{Store, StoreError};
use hps::types::one_line;
use hps::types::{HostName, HostRef, MacAddr};
use std::collections::{HashMap, HashSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One host: MAC, name or address, as it was typed.
#[derive(Debug, Clone)]
pub(crate) struct HostArgument(HostWord);

impl FromStr for HostArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<HostWord>() {
            Ok(word) if word.is_one() => Ok(Self(word)),
            Ok(_) => Err("expected one host, not a range".to_owned()),
            Err(_) => {
                Err("expected a MAC, such as 52:54:00:12:34:56, a host name, such as sch-001, or an address".to_owned())
            }
        }
    }
}

impl HostArgument {
    /// The MAC that names the record of the host; an unknown MAC is returned as it is.
    pub(crate) fn mac(&self, store: &Store) -> anyhow::Result<MacAddr> {
        macs_of(store, &self.0.refs(store)?)?.first().copied().context("no host")
    }

    /// The record of the host.
    pub(crate) fn host(&self, store: &Store) -> anyhow::Result<Host> {
        record(store, self.mac(store)?)
    }
}

/// Many hosts, on the command line and from a file.
#[derive(Debug, clap::Args)]
pub(crate) struct Hosts {
    /// MACs, host names, addresses, or ranges of names such as 'sch-[001-040]'
    #[arg(required_unless_present = "hosts_from", add = completer())]
    host: Vec<HostWord>,
    /// Read more hosts from a file, one a line; # begins a comment, and - is standard input
    #[arg(long, value_name = "FILE")]
    hosts_from: Option<PathBuf>,
}

impl Hosts {
    /// Whether a file names some of them, which is not standard input.
    pub(super) fn is_in_file(&self) -> bool {
        self.hosts_from.as_ref().is_some_and(|path| path.as_os_str() != "-")
    }

    /// Each as it was typed, once.
    ///
    /// # Errors
    /// When the file cannot be read, or has a line that is not a host; the error has the line. [`Exit::NotFound`] for an address
    /// that no host has.
    pub(super) fn refs(&self, store: &Store) -> anyhow::Result<Vec<HostRef>> {
        let mut words = self.host.clone();
        if let Some(path) = &self.hosts_from {
            words.extend(read_words(path)?);
        }
        if words.is_empty() {
            return Err(Ended::error(Exit::Refused, "no host is named: the file of --hosts-from is empty"));
        }
        refs_of(store, &words)
    }

    /// Their MACs, each once; an unknown one is returned as it is.
    ///
    /// # Errors
    /// [`Exit::NotFound`] for names that do not exist.
    pub(crate) fn macs(&self, store: &Store) -> anyhow::Result<Vec<MacAddr>> {
        macs_of(store, &self.refs(store)?)
    }

    /// The same, without those that have an unreadable file, and why.
    ///
    /// # Errors
    /// [`Exit::NotFound`] for names that do not exist.
    pub(super) fn readable_macs(&self, store: &Store) -> anyhow::Result<(Vec<MacAddr>, Vec<StoreError>)> {
        let (mut readable, mut bad) = (Vec::new(), Vec::new());
        for host in self.refs(store)? {
            match &host {
                HostRef::Name(name) => match store.hosts().mac_by_name(name) {
                    Ok(_) => readable.push(host),
                    Err(error) => bad.push(error),
                },
                HostRef::Mac(mac) => match store.hosts().naming_mac(*mac) {
                    Ok(_) => readable.push(host),
                    Err(error) => bad.push(error),
                },
            }
        }
        Ok((macs_of(store, &readable)?, bad))
    }

    /// Their records.
    ///
    /// # Errors
    /// [`Exit::NotFound`] for a host that does not exist.
    pub(super) fn records(&self, store: &Store) -> anyhow::Result<Vec<Host>> {
        self.macs(store)?.into_iter().map(|mac| record(store, mac)).collect()
    }
}

/// The hosts that words name, each once.
///
/// # Errors
/// [`Exit::NotFound`] for an address that no host has, and for a name in another domain.
pub(super) fn refs_of(store: &Store, words: &[HostWord]) -> anyhow::Result<Vec<HostRef>> {
    let mut seen = HashSet::new();
    let mut refs = Vec::new();
    for word in words {
        refs.extend(word.refs(store)?.into_iter().filter(|host| seen.insert(host.clone())));
    }
    Ok(refs)
}

/// The MACs that name the records of hosts, each once.
///
/// # Errors
/// [`Exit::NotFound`] with the names that no host has.
pub(super) fn macs_of(store: &Store, hosts: &[HostRef]) -> anyhow::Result<Vec<MacAddr>> {
    let mut macs: Vec<Option<MacAddr>> = Vec::new();
    for host in hosts {
        macs.push(match host {
            // A bad record is reported by the next reader, or explained.
            HostRef::Mac(mac) => Some(store.hosts().naming_mac(*mac)?),
            HostRef::Name(name) => store.hosts().mac_by_name(name)?,
        });
    }
    if macs.iter().any(Option::is_none) {
        // A name that was set by hand is in the record, but not claimed yet.
        let names = names_in_records(store)?;
        for (mac, host) in macs.iter_mut().zip(hosts) {
            if let (None, HostRef::Name(name)) = (&mac, host) {
                *mac = names.get(name).copied();
            }
        }
    }
    let missing: Vec<String> =
        macs.iter().zip(hosts).filter(|(mac, _)| mac.is_none()).map(|(_, host)| host.to_string()).collect();
    if !missing.is_empty() {
        let names = missing.join(", ");
        return Err(Ended::error(
            Exit::NotFound,
            format!("no host of cluster {} is called {names}; see: host-state list", store.cluster.name),
        ));
    }
    let mut seen = HashSet::new();
    Ok(macs.into_iter().flatten().filter(|mac| seen.insert(*mac)).collect())
}

fn names_in_records(store: &Store) -> anyhow::Result<HashMap<HostName, MacAddr>> {
    let mut names = HashMap::new();
    for file in store.hosts().list()? {
        match file.host {
            Ok(host) => names.extend(host.name.clone().map(|name| (name, host.mac()))),
            // It may be the host with this name.
            Err(error) => program::eprint(format_args!("host-state: {}", one_line(&error))),
        }
    }
    Ok(names)
}

pub(super) fn record(store: &Store, mac: MacAddr) -> anyhow::Result<Host> {
    store.hosts().find(mac)?.ok_or_else(|| {
        Ended::error(
            Exit::NotFound,
            format!("cluster {} has no host {}; see: host-state list", store.cluster.name, mac.colons()),
        )
    })
}

/// More than any list of hosts.
const MAX_LIST_BYTES: u64 = 1 << 20;

fn read_words(path: &Path) -> anyhow::Result<Vec<HostWord>> {
    let (name, text) = read_input(path, MAX_LIST_BYTES)?;
    let mut words = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let word = line.split('#').next().unwrap_or_default().trim();
        if word.is_empty() {
            continue;
        }
        let word: HostWord =
            word.parse().map_err(|e| Ended::error(Exit::Refused, format!("{name}:{}: {e}", number + 1)))?;
        words.push(word);
    }
    Ok(words)
}

/// The text of a file, or of standard input for `-`, and its name in messages.
pub(super) fn read_input(path: &Path, largest: u64) -> anyhow::Result<(String, String)> {
    let stdin = path.as_os_str() == "-";
    let name = if stdin { "standard input".to_owned() } else { path.display().to_string() };
    if !stdin {
        return Ok((name, program::read_input(path, largest)?));
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(largest + 1).read_to_end(&mut bytes).context("standard input: cannot read")?;
    if bytes.len() as u64 > largest {
        return Err(Ended::error(Exit::Refused, format!("{name}: over {} MiB", largest >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|_| Ended::error(Exit::Refused, format!("{name}: not UTF-8 text")))?;
    Ok((name, text))
}
