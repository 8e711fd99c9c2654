// SPDX-License-Identifier: GPL-3.0-or-later
//! The settings that `cluster-configure` asks for, in the order of its questions: the words of each question, its line
//! of help, its flag, and its key in files of answers and in the environment of fragments.

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    Name,
    Interface,
    Address,
    /// Asked only if another DHCP server answers.
    Dhcp,
    Gateway,
    HostRange,
    DhcpRange,
    Domain,
    Dns,
    Ntp,
    Timezone,
    Syslog,
    StorageNetworks,
    System,
    Sources,
    Disks,
    Console,
    SshKey,
    Enrolment,
    /// Never asked, as the following ones: flags, files and fragments set them.
    Description,
    AdminUser,
    HttpPort,
    Web,
    Keyboard,
}

/// What a question says.
struct Words {
    key: &'static str,
    flag: &'static str,
    text: &'static str,
    help: &'static str,
}

const fn words(key: &'static str, flag: &'static str, text: &'static str, help: &'static str) -> Words {
    Words { key, flag, text, help }
}

impl Question {
    /// All, in the order in which they are asked.
    pub(super) const ALL: [Self; 24] = [
        Self::Name,
        Self::Interface,
        Self::Address,
        Self::Dhcp,
        Self::Gateway,
        Self::HostRange,
        Self::DhcpRange,
        Self::Domain,
        Self::Dns,
        Self::Ntp,
        Self::Timezone,
        Self::Syslog,
        Self::StorageNetworks,
        Self::System,
        Self::Sources,
        Self::Disks,
        Self::Console,
        Self::SshKey,
        Self::Enrolment,
        Self::Description,
        Self::AdminUser,
        Self::HttpPort,
        Self::Web,
        Self::Keyboard,
    ];

    /// Whether it is a question at all.
    pub(super) fn is_asked(self) -> bool {
        self < Self::Description
    }

    /// `host_range`: in a file of answers; `CLUSTER_HOST_RANGE` for fragments.
    pub(super) fn key(self) -> &'static str {
        self.words().key
    }

    /// The question of a key.
    pub(super) fn for_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.key() == key)
    }

    /// `--host-range`.
    pub(super) fn flag(self) -> &'static str {
        self.words().flag
    }

    /// The question.
    pub(super) fn text(self) -> &'static str {
        self.words().text
    }

    /// What it means, and what can be answered.
    pub(super) fn help(self) -> &'static str {
        self.words().help
    }

    #[rustfmt::skip]
    fn words(self) -> Words {
        match self {
            Self::Name => words("name", "--name", "Technical name of the cluster",
                "It names the cluster's file and is part of the default domain. Letters, digits, - and _. The name of a cluster that exists changes that cluster."),
            Self::Interface => words("interface", "--interface", "Interface that leads to the machines",
                "HPS answers DHCP, TFTP, DNS and HTTP there. Do not choose the interface to your office or to the Internet."),
            Self::Address => words("address", "--address", "Address of this node on that interface",
                "With the length of the prefix, such as 10.0.0.1/24. The interface must have it already."),
            Self::Dhcp => words("dhcp", "--dhcp", "Who gives addresses",
                "Two DHCP servers on one network give machines contradicting answers, so one of them should give the addresses."),
            Self::Gateway => words("gateway", "--gateway", "Default gateway of hosts",
                "An address of the network, not of this node. With none, hosts reach only this network: no Internet, and no mirrors."),
            Self::HostRange => words("host_range", "--host-range", "Addresses reserved for hosts",
                "FIRST-LAST. Each host gets one of them, and keeps it. Leave out the addresses of switches and BMCs."),
            Self::DhcpRange => words("dhcp_range", "--dhcp-range", "Addresses for unknown machines",
                "FIRST-LAST, beside those of hosts. A machine without a record gets one of them for a short time."),
            Self::Domain => words("domain", "--domain", "Domain of hosts",
                "Hosts are called NAME.DOMAIN, and this node answers DNS for it. .internal is reserved for private use."),
            Self::Dns => words("dns", "--dns", "Name servers of hosts",
                "Addresses, separated by blanks. With none, hosts ask this node, which asks its own name servers."),
            Self::Ntp => words("ntp", "--ntp", "Time servers of hosts",
                "Addresses, separated by blanks. this-node: this node serves the time, with Debian's package chrony. With none, hosts use their system's default, which needs the Internet."),
            Self::Timezone => words("timezone", "--timezone", "Time zone of hosts",
                "A name below /usr/share/zoneinfo, such as UTC or Europe/Zurich."),
            Self::Syslog => words("syslog", "--syslog", "Server that hosts send their logs to",
                "ADDRESS or ADDRESS:PORT for UDP, tcp:ADDRESS or tcp:ADDRESS:PORT for TCP. With none, hosts keep their logs."),
            Self::StorageNetworks => words("storage_networks", "--storage-networks", "Number of storage networks",
                "0 to 5. Each is a VLAN from 101 on, with a network of its own. The switch must carry these VLANs to the hosts."),
            Self::System => words("system", "--system", "Operating system of hosts",
                "One system for all types of HPS: SCH stores, TCH computes, CCH runs containers, DRH keeps copies, PLAIN has the system alone. For single types: SCH=debian-12 PLAIN=rockylinux-10."),
            Self::Sources => words("sources", "--sources", "Where hosts get packages after the installation",
                "site: only from this node; for Debian build-repository publishes packages here. distribution: from the mirrors of the distribution too, which needs a gateway. auto: site, and with a gateway Debian's archives for Debian."),
            Self::Disks => words("disks", "--disks", "Disks of hosts",
                "It counts for new installations. The guide \"The first host\" explains pools; rules for single disks are in the cluster file."),
            Self::Console => words("console", "--console", "Serial consoles of hosts",
                "Such as ttyS0,115200n8; several are separated by blanks, and the last one is the main one. With none, only the screen is used."),
            Self::SshKey => words("ssh_key", "--ssh-key-file", "Your public ssh key",
                "The line of a .pub file, or the path of such a file. You log in to hosts with it: no host has a password."),
            Self::Enrolment => words("enrolment", "--enrolment", "Which machines may be installed",
                "armed is the narrower choice. It may be changed at any time, and counts at once."),
            Self::Description => words("description", "--description", "A description", "One line for people."),
            Self::AdminUser => words("admin_user", "--admin-user", "The administrator's account on hosts", "A login name."),
            Self::HttpPort => words("http_port", "--http-port", "Port of the boot manager", "1 to 65535."),
            Self::Web => words("web", "--web", "Port of the page for other machines",
                "1 to 65535, such as 8443. With none, there is no page: hps-web serves this machine alone."),
            Self::Keyboard => words("keyboard", "--keyboard", "Keyboard layout of consoles", "A layout of XKB, such as us or de."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_key_a_flag_and_a_line_of_help() {
        for (index, question) in Question::ALL.into_iter().enumerate() {
            assert_eq!(Question::for_key(question.key()), Some(question));
            assert!(question.flag().starts_with("--") && question.help().ends_with('.'), "{question:?}");
            assert!(Question::ALL.iter().skip(index + 1).all(|later| *later > question), "the order of {question:?}");
        }
    }
}
