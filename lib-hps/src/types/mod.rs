// SPDX-License-Identifier: GPL-3.0-or-later
//! Values parsed at the border.
//!
//! Each has private fields, one canonical text form, and `FromStr`, `Display` and serde through it, so
//! that no raw string reaches a renderer or a path.

mod bmc_address;
mod bmc_credentials;
mod client_architecture;
mod cluster_name;
mod console_source;
mod cpu;
mod digest;
mod disk_name;
mod disk_rule;
mod distro;
mod domain_name;
mod duration;
mod fingerprint;
mod firmware_info;
mod host_key;
mod host_name;
mod host_pattern;
mod host_type;
mod interface_name;
mod kernel_line;
mod keyboard;
mod link;
mod loader;
mod loader_file;
mod local_boot;
mod mac;
mod mac_prefix;
mod nearest;
mod network;
mod nevra;
mod placeholder;
mod plain_path;
mod port;
mod power;
mod range;
mod reserved_name;
mod site_words;
mod ssh_key;
mod stage;
mod subnet_name;
mod syslog_server;
mod text;
mod timestamp;
mod token;
mod type_words;
mod web_name;

pub use bmc_address::BmcAddress;
pub use bmc_credentials::{BmcCredentials, CredentialsError};
pub use client_architecture::{ClientArchitecture, FirmwareKind, Service as LoaderService, Transport};
pub use cluster_name::ClusterName;
pub use console_source::ConsoleSource;
pub use cpu::Cpu;
pub use digest::Sha256Digest;
pub use disk_name::DiskName;
pub use disk_rule::{
    DiskBus, DiskCondition, DiskFacts, DiskIdentifier, DiskKind, DiskOrder, DiskRule, DiskRuleContradiction,
    MeaninglessDiskRule,
};
pub use distro::{Distro, Method};
pub use domain_name::DomainName;
pub use duration::Lifetime;
pub use fingerprint::Fingerprint;
pub use firmware_info::FirmwareInfo;
pub use host_key::HostKey;
pub use host_name::{HOST_NAME_MAX, HostName, MAX_GIVEN_NAME, NameLengthError, check_domain, check_whole_name};
pub use host_pattern::{HostPattern, HostRef};
pub use host_type::{HostType, Profile};
pub use interface_name::InterfaceName;
pub use kernel_line::{
    KERNEL_LINE_BYTES, KernelLineError, LOADER_BYTES, MAX_CONSOLES, check_kernel_arguments, check_kernel_line,
};
pub use keyboard::Keyboard;
pub use link::{Mtu, NicPlace, VlanId};
pub use loader::Loader;
pub use loader_file::{LoaderFile, SHIM_OF_DEBIAN};
pub use local_boot::{DISK_LOADER_BIOS, DISK_LOADER_UEFI, LocalBoot};
pub use mac::MacAddr;
pub use mac_prefix::MacPrefix;
pub use nearest::nearest;
pub use network::{is_of_hosts, network, network_by_serde};
pub use nevra::Nevra;
pub use placeholder::{is_placeholder_serial, is_placeholder_uuid};
pub use plain_path::PlainPath;
pub use port::Ports;
pub use power::{BootMode, CredentialsName, PowerProtocol, SystemId};
pub use range::Ipv4Range;
pub use reserved_name::{ReservedName, SiteAlias, check_not_reserved};
pub use site_words::{KernelArgument, PackageName, ScriptName, SitePath, SiteProfileName, UnitName};
pub use ssh_key::SshKey;
pub use stage::Stage;
pub use subnet_name::SubnetName;
pub use syslog_server::SyslogServer;
pub(crate) use text::line_of;
pub use text::{Line, log_line, one_line, printable, printable_json, printable_line};
pub use timestamp::Timestamp;
pub use token::Token;
pub use type_words::{NamePrefix, TypeTitle, longest_name};
pub use web_name::WebName;

use std::borrow::Cow;
use std::fmt;

/// Why a text is not the value it should be: one sentence that names the text and the rule.
///
/// The alternate form is only the rule, for messages that name the text themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    what: &'static str,
    shown: String,
    rule: Cow<'static, str>,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, shown, rule } = self;
        if f.alternate() { f.write_str(rule) } else { write!(f, "{what} {shown}: {rule}") }
    }
}

impl Invalid {
    /// `what` is the noun ("MAC address"), `text` the given text, `rule` the expected form.
    pub(crate) fn new(what: &'static str, text: &str, rule: &'static str) -> Self {
        // The text may come from the network: it is escaped and cut before it goes into a message.
        let short: String = text.chars().take(64).collect();
        let dots = if short.len() < text.len() { "..." } else { "" };
        Self { what, shown: format!("{short:?}{dots}"), rule: Cow::Borrowed(rule) }
    }

    /// The same if one of these words is expected.
    pub(crate) fn none_of(what: &'static str, text: &str, words: &[&str]) -> Self {
        Self { rule: Cow::Owned(format!("expected {}", choice(words))), ..Self::new(what, text, "") }
    }
}

/// `a`, `a or b`, `a, b or c`.
fn choice(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// serde through `FromStr` and `Display`, for the types of this module.
macro_rules! serde_as_text {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_text;

/// A newtype over a checked `String`: `$check` is the check.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The canonical text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::types::Invalid;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($crate::types::Invalid::new($what, text, $rule))
                }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        $crate::types::serde_as_text!($name);
    };
}
pub(crate) use checked_text;

/// An enum whose variants are words of files and of the wire: `ALL`, `as_str`, `FromStr`, `Display`, and serde through
/// them.
macro_rules! text_enum {
    (
        $(#[$attribute:meta])* $name:ident, $what:literal,
        $($(#[$of_variant:meta])* $variant:ident = $word:literal,)+
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$of_variant])* $variant,)+
        }

        impl $name {
            /// All of them, in the order in which they are shown.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word in files and on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::types::Invalid;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::types::Invalid::none_of($what, text, &[$($word),+])),
                }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
        $crate::types::serde_as_text!($name);
    };
}
pub(crate) use text_enum;

/// Whether `text` is one to `most` bytes, each accepted by `byte`.
pub(crate) fn all_bytes(text: &str, most: usize, byte: fn(u8) -> bool) -> bool {
    !text.is_empty() && text.len() <= most && text.bytes().all(byte)
}
