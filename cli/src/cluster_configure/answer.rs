// SPDX-License-Identifier: GPL-3.0-or-later
//! One answer, as text: read, compared with what is decided already, and put into the plan. Answers of a person, of a
//! file, of a script and of fragments all come here.

use super::draft::Draft;
use super::keys;
use super::plan::{Keys, Plan};
use super::question::Question;
use super::values::{Address, DiskLayout, OrNone, Systems, addresses, consoles};
use hps::config::UnknownType;
use hps::types::{InterfaceName, check_domain, network};
use ipnet::Ipv4Net;
use std::fmt::Display;
use std::net::Ipv4Addr;
use std::path::Path;
use std::str::FromStr;

const ZONES: &str = "/usr/share/zoneinfo";

fn read<T: FromStr<Err: Display>>(text: &str) -> Result<Option<T>, String> {
    text.parse().map(Some).map_err(|why| format!("{why}"))
}

/// One of the words of a list, or its number from 1 on.
fn chosen<'a>(text: &'a str, words: &[&'a str]) -> &'a str {
    let number = text.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    number.and_then(|index| words.get(index)).copied().unwrap_or(text)
}

impl Draft {
    /// Takes an answer. An empty one is the default, if there is one.
    ///
    /// # Errors
    /// Why the answer is refused, and what is expected. The plan is unchanged.
    pub(super) fn answer(&mut self, question: Question, text: &str) -> Result<(), String> {
        let text = text.trim();
        let default = self.default_text(question);
        let is_default = text.is_empty() || default.as_deref() == Some(text);
        let text = match (text.is_empty(), default) {
            (false, _) => text.to_owned(),
            (true, Some(default)) => default,
            (true, None) => return Err("this has no default: type a value".to_owned()),
        };
        let mut plan = self.plan.clone();
        self.set(&mut plan, question, &text, is_default)?;
        self.refuse_contradiction(question, &plan)?;
        self.plan = plan;
        Ok(())
    }

    fn set(&self, plan: &mut Plan, question: Question, text: &str, is_default: bool) -> Result<(), String> {
        let words: Vec<String> = self.choices(question).into_iter().map(|choice| choice.word).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let word = chosen(text, &words);
        match question {
            Question::Name => plan.name = read(text)?,
            Question::Interface => plan.interface = Some(self.read_interface(word)?),
            Question::Address => plan.address = Some(self.read_address(text)?),
            Question::Dhcp => return self.set_dhcp(plan, word),
            Question::Gateway => {
                plan.gateway = read::<OrNone<Address>>(text)?.map(|OrNone(address)| OrNone(address.map(|a| a.0)));
            }
            Question::HostRange => plan.host_range = read(text)?,
            Question::DhcpRange => plan.dhcp_range = read(text)?,
            Question::Domain => {
                plan.domain = read(text)?;
                plan.domain.as_ref().map_or(Ok(()), |domain| check_domain(domain).map_err(|why| why.to_string()))?;
            }
            Question::Dns => plan.dns = Some(addresses(text)?),
            Question::Ntp => plan.ntp = read(text)?,
            Question::Timezone => {
                let zones = Path::new(ZONES);
                if zones.join("Etc").is_dir() && !zones.join(text).is_file() {
                    return Err(format!("\"{text}\": there is no such time zone below {ZONES}"));
                }
                plan.timezone = read(text)?;
            }
            Question::Syslog => plan.syslog = read(text)?,
            Question::StorageNetworks => plan.storage_networks = read(text)?,
            // The systems of before may be of more kinds than an answer can name.
            Question::System if is_default && self.before.is_some() => plan.system = None,
            Question::System => {
                plan.system = read::<Systems>(word)?;
                self.check_types(plan)?;
            }
            Question::Sources => plan.sources = read(word)?,
            Question::Disks => {
                let found = DiskLayout::ALL.into_iter().find(|layout| layout.word() == word);
                plan.disks = Some(found.ok_or_else(|| format!("\"{word}\": expected one of {}", words.join(", ")))?);
            }
            Question::Console => plan.console = Some(consoles(text)?),
            Question::SshKey => plan.ssh_key = self.read_keys(text, is_default)?,
            Question::Enrolment => plan.enrolment = read(word)?,
            Question::Description => plan.description = read(text)?,
            Question::AdminUser => plan.admin_user = read(text)?,
            Question::HttpPort => plan.http_port = read(text)?,
            Question::Web => plan.web = read(text)?,
            Question::Keyboard => plan.keyboard = read(text)?,
        }
        Ok(())
    }

    /// Whether this cluster can have the types that a plan names: a mistyped one is found at once, not after all
    /// questions.
    ///
    /// # Errors
    /// The first unknown type, and the one that was meant.
    pub(super) fn check_types(&self, plan: &Plan) -> Result<(), String> {
        let mut named = plan.system.iter().flat_map(|systems| &systems.0);
        named
            .try_for_each(|(host_type, _)| UnknownType::check(self.before.as_ref(), *host_type))
            .map_err(|unknown| unknown.to_string())
    }

    fn read_interface(&self, word: &str) -> Result<InterfaceName, String> {
        let name: InterfaceName = word.parse().map_err(|why: hps::types::Invalid| why.to_string())?;
        if self.must_be_there && self.machine.interface(&name).is_none() {
            return Err(format!("interface {name} is not on this machine; there are: {}", self.machine.describe()));
        }
        Ok(name)
    }

    fn read_address(&self, text: &str) -> Result<Ipv4Net, String> {
        let interface = self.interface();
        let on_it = interface.as_ref().map_or(&[][..], |name| self.machine.addresses(name));
        let address = match (network(text), text.parse::<Ipv4Addr>()) {
            (Ok(address), _) => address,
            // The interface knows the length of the prefix.
            (Err(_), Ok(bare)) => *on_it
                .iter()
                .find(|net| net.addr() == bare)
                .ok_or_else(|| format!("the length of the network's prefix is missing: expected such as {bare}/24"))?,
            (Err(why), Err(_)) => return Err(why.to_string()),
        };
        if address.prefix_len() > 29 || address.addr() == address.network() || address.addr() == address.broadcast() {
            return Err(format!("{address}: expected the address of a host and a prefix of at most 29 bits"));
        }
        let Some(interface) = interface.filter(|_| self.must_be_there && !on_it.contains(&address)) else {
            return Ok(address);
        };
        let has: Vec<String> = on_it.iter().map(ToString::to_string).collect();
        let has = if has.is_empty() { "no address".to_owned() } else { has.join(", ") };
        Err(format!(
            "{interface} has {has}; choose an address that it has, or add this one in another terminal and answer again: ip address add {address} dev {interface}"
        ))
    }

    fn set_dhcp(&self, plan: &mut Plan, word: &str) -> Result<(), String> {
        let (mode, beside) = match word {
            "beside" => ("server", true),
            word => (word, false),
        };
        plan.dhcp = read(mode)?;
        // An answer that is given again replaces the one before.
        plan.accepted_servers.retain(|address| !self.heard.contains(address));
        if beside {
            plan.accepted_servers.extend(&self.heard);
        }
        Ok(())
    }

    fn read_keys(&self, text: &str, is_default: bool) -> Result<Option<Keys>, String> {
        if is_default {
            let keys = self.ssh_keys();
            let file = self.plan.ssh_key.as_ref().and_then(|keys| keys.file.clone());
            return Ok((!keys.is_empty()).then_some(Keys { keys, file }));
        }
        keys::typed(text).map(Some).map_err(|why| why.to_string())
    }

    /// Compares an answer with those before it, and with what flags and files decided. What a person decided later is
    /// asked again.
    fn refuse_contradiction(&self, question: Question, plan: &Plan) -> Result<(), String> {
        if question < Question::Address {
            return Ok(());
        }
        let counts = |other: Question| other < question || self.fixed.contains(&other);
        let mut new = self.clone();
        new.plan.clone_from(plan);
        let Some(address) = new.address() else { return Ok(()) };
        let (node, net) = (address.addr(), address.trunc());
        let flag = |other: Question| if self.fixed.contains(&other) { other.flag() } else { other.text() };
        let gateway = (question == Question::Gateway || counts(Question::Gateway)).then(|| new.gateway()).flatten();
        if question <= Question::Gateway
            && let Some(gateway) = gateway
            && (gateway == node || !net.contains(&gateway) || gateway == net.network() || gateway == net.broadcast())
        {
            let other =
                if question == Question::Gateway { String::new() } else { format!(", but --gateway is {gateway}") };
            return Err(format!("expected another address of {net} than {node}, or none{other}"));
        }
        let mut ranges = Vec::new();
        for (other, range) in [(Question::HostRange, plan.host_range), (Question::DhcpRange, plan.dhcp_range)] {
            ranges.extend(range.filter(|_| question == other || counts(other)).map(|range| (other, range)));
        }
        for (other, range) in &ranges {
            let label = if *other == question { String::new() } else { format!("{} ", flag(*other)) };
            if !range.is_hosts_of(&net) {
                return Err(format!("{label}{range} is outside the host addresses of {net}"));
            }
            if range.contains(node) {
                return Err(format!("{label}{range} contains this node's own address {node}"));
            }
            if let Some(gateway) = gateway.filter(|gateway| range.contains(*gateway)) {
                return Err(format!("{label}{range} contains the gateway's address {gateway}"));
            }
        }
        match ranges.as_slice() {
            [(_, hosts), (_, unknown)] if hosts.overlaps(*unknown) => {
                let other = if question == Question::HostRange { Question::DhcpRange } else { Question::HostRange };
                let range = if question == Question::HostRange { unknown } else { hosts };
                Err(format!("it overlaps {} {range}", flag(other)))
            }
            _ => Ok(()),
        }
    }

    /// Whether an answer fits those before it.
    pub(super) fn still_holds(&self, question: Question) -> bool {
        let is_there = || {
            let address = self.plan.address.map(|address| address.to_string());
            address.is_none_or(|address| self.read_address(&address).is_ok())
        };
        self.refuse_contradiction(question, &self.plan).is_ok() && (question != Question::Address || is_there())
    }
}
