// SPDX-License-Identifier: GPL-3.0-or-later
//! The settings that are decided: by flags, by a file, by a fragment or by an answer.

use super::arguments::Arguments;
use super::flags::TypeDistro;
use super::question::Question;
use super::storage_count::StorageCount;
use super::values::{DiskLayout, OrNone, Systems, TimeServers, listed};
use hps::config::{Console, DhcpMode, Enrolment, PackageSources, Timezone, UserName};
use hps::types::{ClusterName, DomainName, HostType, InterfaceName, Ipv4Range, Keyboard, Line, SshKey, SyslogServer};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// Keys, and the file that a person named for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) keys: Vec<SshKey>,
    pub(super) file: Option<PathBuf>,
}

/// A setting is `None` until it is decided; inside, `OrNone(None)` is the decision for no value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Plan {
    pub(super) name: Option<ClusterName>,
    pub(super) interface: Option<InterfaceName>,
    pub(super) address: Option<Ipv4Net>,
    pub(super) dhcp: Option<DhcpMode>,
    pub(super) accepted_servers: Vec<Ipv4Addr>,
    pub(super) gateway: Option<OrNone<Ipv4Addr>>,
    pub(super) host_range: Option<Ipv4Range>,
    pub(super) dhcp_range: Option<Ipv4Range>,
    pub(super) domain: Option<DomainName>,
    pub(super) dns: Option<Vec<Ipv4Addr>>,
    pub(super) ntp: Option<TimeServers>,
    pub(super) timezone: Option<Timezone>,
    pub(super) syslog: Option<OrNone<SyslogServer>>,
    pub(super) storage_networks: Option<StorageCount>,
    pub(super) system: Option<Systems>,
    pub(super) sources: Option<PackageSources>,
    pub(super) disks: Option<DiskLayout>,
    pub(super) console: Option<Vec<Console>>,
    pub(super) ssh_key: Option<Keys>,
    pub(super) enrolment: Option<Enrolment>,
    pub(super) description: Option<Line>,
    pub(super) admin_user: Option<UserName>,
    pub(super) http_port: Option<u16>,
    pub(super) web: Option<OrNone<u16>>,
    pub(super) keyboard: Option<Keyboard>,
}

impl Plan {
    /// What the flags decide. `keys` are those of their files.
    pub(super) fn from_flags(given: &Arguments, keys: Vec<SshKey>) -> Self {
        let values = &given.settings;
        let types = |given: &[TypeDistro]| {
            let mut types: Vec<(HostType, _)> = Vec::new();
            for TypeDistro(host_type, distro) in given {
                // The last one of a type counts.
                types.retain(|(known, _)| known != host_type);
                types.push((*host_type, distro.clone()));
            }
            (!types.is_empty()).then_some(Systems(types))
        };
        let filled =
            |keys: Vec<SshKey>| (!keys.is_empty()).then(|| Keys { keys, file: values.ssh_key_file.first().cloned() });
        Self {
            name: values.name.clone(),
            interface: values.interface.clone(),
            address: values.address,
            dhcp: values.dhcp.map(DhcpMode::from),
            accepted_servers: values.accept_dhcp_server.clone(),
            gateway: values.gateway.map(|OrNone(address)| OrNone(address.map(|address| address.0))),
            host_range: values.host_range,
            dhcp_range: values.dhcp_range,
            domain: values.domain.clone(),
            dns: values.dns(),
            ntp: values.ntp(),
            timezone: values.timezone.clone(),
            syslog: values.syslog,
            storage_networks: values.storage_networks,
            system: types(&values.types).or_else(|| values.system.clone()),
            sources: values.sources,
            disks: values.disks,
            console: values.console(),
            ssh_key: filled(keys),
            enrolment: values.enrolment.map(Enrolment::from),
            description: values.description.clone(),
            admin_user: values.admin_user.clone(),
            http_port: values.http_port,
            web: values.web,
            keyboard: values.keyboard.clone(),
        }
    }

    /// What is decided, in the form of an answer.
    pub(super) fn text(&self, question: Question) -> Option<String> {
        fn shown(value: Option<&impl ToString>) -> Option<String> {
            value.map(ToString::to_string)
        }
        match question {
            Question::Name => shown(self.name.as_ref()),
            Question::Interface => shown(self.interface.as_ref()),
            Question::Address => shown(self.address.as_ref()),
            Question::Dhcp => shown(self.dhcp.as_ref()),
            Question::Gateway => shown(self.gateway.as_ref()),
            Question::HostRange => shown(self.host_range.as_ref()),
            Question::DhcpRange => shown(self.dhcp_range.as_ref()),
            Question::Domain => shown(self.domain.as_ref()),
            Question::Dns => self.dns.as_deref().map(listed),
            Question::Ntp => shown(self.ntp.as_ref()),
            Question::Timezone => shown(self.timezone.as_ref()),
            Question::Syslog => shown(self.syslog.as_ref()),
            Question::StorageNetworks => shown(self.storage_networks.as_ref()),
            Question::System => shown(self.system.as_ref()),
            Question::Sources => shown(self.sources.as_ref()),
            Question::Disks => self.disks.map(|layout| layout.word().to_owned()),
            Question::Console => self.console.as_deref().map(listed),
            Question::SshKey => self.ssh_key.as_ref().map(|keys| match (&keys.file, keys.keys.first()) {
                (Some(file), _) => file.display().to_string(),
                (None, first) => first.map(ToString::to_string).unwrap_or_default(),
            }),
            Question::Enrolment => shown(self.enrolment.as_ref()),
            Question::Description => shown(self.description.as_ref()),
            Question::AdminUser => shown(self.admin_user.as_ref()),
            Question::HttpPort => shown(self.http_port.as_ref()),
            Question::Web => shown(self.web.as_ref()),
            Question::Keyboard => shown(self.keyboard.as_ref()),
        }
    }

    /// These settings as the flags of a command.
    pub(super) fn command(&self) -> String {
        let mut words = vec!["cluster-configure".to_owned()];
        for question in Question::ALL {
            let Some(value) = self.text(question) else { continue };
            let flag = match (question, &self.ssh_key) {
                (Question::SshKey, Some(Keys { file: None, .. })) => "--ssh-key",
                _ => question.flag(),
            };
            words.push(format!("{flag} {}", quoted(&value)));
        }
        words.extend(self.accepted_servers.iter().map(|address| format!("--accept-dhcp-server {address}")));
        words.join(" ")
    }
}

/// For a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:,@+=%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_a_command_that_decides_the_same() {
        use clap::Parser as _;
        let command = "cluster-configure --name site1 --address 10.0.0.1/24 --gateway none --dns '10.0.0.5 10.0.0.6' --ntp this-node --system debian-13 --disks raid --console ttyS0,115200n8 --enrolment armed";
        let arguments = Arguments::try_parse_from(command.replace('\'', "\u{0}").split('\u{0}').enumerate().flat_map(
            |(index, part)| match index % 2 {
                0 => part.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>(),
                _ => vec![part.to_owned()],
            },
        ));
        let plan = Plan::from_flags(&arguments.unwrap(), Vec::new());
        assert_eq!(plan.command(), command);
        assert_eq!(quoted("a 'b'"), r"'a '\''b'\'''");
    }
}
