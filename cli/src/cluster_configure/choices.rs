// SPDX-License-Identifier: GPL-3.0-or-later
//! What a question shows: its default, its list of words, and lines of facts about the present answers.

use super::draft::Draft;
use super::keys;
use super::machine::describe;
use super::question::Question;
use super::values::{DiskLayout, OrNone, Systems, listed};
use hps::config::StorageNetwork;

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) word: String,
    pub(super) about: String,
}

fn choice(word: impl Into<String>, about: impl Into<String>) -> Choice {
    Choice { word: word.into(), about: about.into() }
}

impl Draft {
    /// The value that Enter takes, in the form of an answer.
    pub(super) fn default_text(&self, question: Question) -> Option<String> {
        fn shown(value: Option<impl ToString>) -> Option<String> {
            value.map(|value| value.to_string())
        }
        match question {
            Question::Name => shown(self.name()),
            Question::Interface => shown(self.interface()),
            Question::Address => shown(self.address()),
            Question::Dhcp => shown(Some(self.dhcp())),
            Question::Gateway => shown(Some(OrNone(self.gateway()))),
            Question::HostRange => shown(self.host_range()),
            Question::DhcpRange => shown(self.dhcp_range()),
            Question::Domain => shown(self.domain()),
            Question::Dns => Some(listed(&self.dns())),
            Question::Ntp => shown(Some(self.ntp())),
            Question::Timezone => {
                let before = self.before.as_ref().map(|cluster| cluster.install.timezone.clone());
                shown(self.plan.timezone.clone().or(before).or_else(|| Some(Default::default())))
            }
            Question::Syslog => {
                let before = || self.before.as_ref().and_then(|cluster| cluster.network.syslog);
                shown(Some(self.plan.syslog.unwrap_or_else(|| OrNone(before()))))
            }
            Question::StorageNetworks => shown(Some(self.storage_networks())),
            Question::System => shown(Some(self.systems())),
            Question::Sources => shown(Some(self.sources())),
            Question::Disks => Some(self.disks().word().to_owned()),
            Question::Console => Some(listed(&self.consoles())),
            Question::SshKey => match self.ssh_keys().as_slice() {
                [] => None,
                [key] => Some(keys::short(key)),
                all => Some(format!("these {} keys", all.len())),
            },
            Question::Enrolment => shown(Some(self.enrolment())),
            Question::Description | Question::AdminUser | Question::HttpPort | Question::Web | Question::Keyboard => {
                None
            }
        }
    }

    /// The list of a question; empty if any text is an answer.
    pub(super) fn choices(&self, question: Question) -> Vec<Choice> {
        match question {
            Question::Interface => {
                let mut all = self.machine.with_address();
                all.extend(self.machine.interfaces.iter().filter(|interface| interface.addresses.is_empty()));
                all.iter().map(|interface| choice(interface.name.to_string(), describe(interface))).collect()
            }
            Question::Dhcp => vec![
                choice("server", "this node; the other server is switched off first"),
                choice("proxy", "the other server; this node adds the boot files"),
                choice("none", "the other server, with the boot files that reload --print prints"),
                choice("beside", "both give addresses, each to its own machines"),
            ],
            Question::System => Systems::WORDS.map(|word| choice(word, "")).to_vec(),
            Question::Sources => vec![
                choice("site", "only this node; for Debian what build-repository publishes"),
                choice("distribution", "the mirrors of the distribution too"),
                choice("auto", "as site; for Debian also its archives, if there is a gateway"),
            ],
            Question::Disks => DiskLayout::ALL.map(|layout| choice(layout.word(), layout.about())).to_vec(),
            Question::Enrolment => vec![
                choice("armed", "only machines that host-state arm permitted"),
                choice("menu", "also what a person chooses at the console of a new machine"),
            ],
            _ => Vec::new(),
        }
    }

    /// Facts that an answer needs.
    pub(super) fn notes(&self, question: Question) -> Vec<String> {
        match question {
            Question::Name => match &self.before {
                Some(cluster) => vec![format!("{} exists; its settings are the defaults.", cluster.name)],
                None => Vec::new(),
            },
            Question::Gateway if self.gateway().is_none() => {
                vec!["none: hosts reach only this network, and no Internet.".to_owned()]
            }
            Question::StorageNetworks => self.address().map_or_else(Vec::new, |address| {
                let first = StorageNetwork::numbered(1, address, &[]);
                first.map(|first| format!("The first one is {} with VLAN 101.", first.network)).into_iter().collect()
            }),
            Question::SshKey => {
                let all = self.ssh_keys();
                let all: Vec<String> = all.iter().map(keys::short).collect();
                if all.len() > 1 { all } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }
}
