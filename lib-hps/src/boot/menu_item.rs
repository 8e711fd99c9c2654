// SPDX-License-Identifier: GPL-3.0-or-later
//! What a person chose at the console of a machine, by its name on the wire.

use crate::config::TypeDefinition;
use crate::types::{HostType, Invalid, Profile};
use std::fmt;
use std::str::FromStr;

/// A choice of a menu, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuItem {
    /// The main menu.
    Init,
    /// The choice of host types.
    Install,
    /// Become this type, in this variant.
    InstallAs(HostType, Option<Profile>),
    /// Boot the local disk.
    LocalBoot,
    /// Restart the machine.
    Reboot,
    /// What iPXE knows of the machine.
    ShowIpxe,
    /// What this service knows of the host.
    ShowHost,
    /// What a disaster recovery host offers.
    RecoverDrh,
    /// The cluster.
    ShowCluster,
    /// What this node serves.
    ShowPaths,
    /// The node environment with a shell.
    Rescue,
    /// Request a new installation.
    Reinstall,
    /// Remove the type and the permissions.
    Unconfigure,
    /// Request that a disk be wiped.
    ForceOn,
    /// Withdraw that.
    ForceOff,
    /// Sent by our own script: no attempt of the permission is left.
    GaveUp,
    /// Sent by our own script: this machine cannot start the node environment, so its task is not possible.
    NoTask,
    /// Sent by our own script: a rule permits this machine, which has no address and name yet.
    Enrol,
}

impl FromStr for MenuItem {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("menu item", text, "this boot manager does not have it");
        Ok(match text {
            "init_menu" => Self::Init,
            "install_menu" => Self::Install,
            "local_boot" => Self::LocalBoot,
            "reboot" => Self::Reboot,
            "show_ipxe" => Self::ShowIpxe,
            "show_host" => Self::ShowHost,
            "recover_DRH" => Self::RecoverDrh,
            "show_cluster" => Self::ShowCluster,
            "show_paths" => Self::ShowPaths,
            "rescue" => Self::Rescue,
            "reinstall" => Self::Reinstall,
            "unconfigure" => Self::Unconfigure,
            "force_install_on" => Self::ForceOn,
            "force_install_off" => Self::ForceOff,
            "gave_up" => Self::GaveUp,
            "no_task" => Self::NoTask,
            "enrol" => Self::Enrol,
            _ => {
                let rest = text.strip_prefix("install_").ok_or_else(invalid)?;
                let (host_type, profile) = match rest.split_once('_') {
                    Some((host_type, profile)) => (host_type, Some(profile.parse::<Profile>()?)),
                    None => (rest, None),
                };
                let host_type: HostType = host_type.parse().map_err(|_| invalid())?;
                if profile.is_some_and(|p| !may_have(host_type, p)) {
                    return Err(invalid());
                }
                Self::InstallAs(host_type, profile)
            }
        })
    }
}

/// Whether a type may have a variant. What types of the site's own have is checked against the cluster file.
fn may_have(host_type: HostType, profile: Profile) -> bool {
    TypeDefinition::built_in(host_type).is_none_or(|definition| definition.profiles.contains(&profile))
}

impl fmt::Display for MenuItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init => f.write_str("init_menu"),
            Self::Install => f.write_str("install_menu"),
            Self::InstallAs(host_type, None) => write!(f, "install_{host_type}"),
            Self::InstallAs(host_type, Some(profile)) => write!(f, "install_{host_type}_{profile}"),
            Self::LocalBoot => f.write_str("local_boot"),
            Self::Reboot => f.write_str("reboot"),
            Self::ShowIpxe => f.write_str("show_ipxe"),
            Self::ShowHost => f.write_str("show_host"),
            Self::RecoverDrh => f.write_str("recover_DRH"),
            Self::ShowCluster => f.write_str("show_cluster"),
            Self::ShowPaths => f.write_str("show_paths"),
            Self::Rescue => f.write_str("rescue"),
            Self::Reinstall => f.write_str("reinstall"),
            Self::Unconfigure => f.write_str("unconfigure"),
            Self::ForceOn => f.write_str("force_install_on"),
            Self::ForceOff => f.write_str("force_install_off"),
            Self::GaveUp => f.write_str("gave_up"),
            Self::NoTask => f.write_str("no_task"),
            Self::Enrol => f.write_str("enrol"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire() {
        for text in [
            "init_menu",
            "install_menu",
            "install_SCH",
            "install_SCH_STORAGERAID",
            "install_TCH",
            "local_boot",
            "reboot",
            "show_ipxe",
            "show_host",
            "recover_DRH",
            "show_cluster",
            "show_paths",
            "rescue",
            "reinstall",
            "unconfigure",
            "force_install_on",
            "force_install_off",
            "gave_up",
            "no_task",
            "enrol",
        ] {
            assert_eq!(text.parse::<MenuItem>().unwrap().to_string(), text);
        }
        for bad in
            ["", "install_", "install_xyz", "install_SCH_X", "install_TCH_STORAGERAID", "install_SCH_", "format_disk"]
        {
            assert!(bad.parse::<MenuItem>().is_err(), "{bad:?}");
        }
    }
}
