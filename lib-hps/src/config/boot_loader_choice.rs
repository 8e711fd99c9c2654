// SPDX-License-Identifier: GPL-3.0-or-later
//! Another boot loader than HPS would serve: for all machines of an architecture, or for some.

use crate::types::{
    ClientArchitecture, FirmwareKind, HostName, HostPattern, Line, LoaderFile, MacAddr, MacPrefix, PlainPath,
    Sha256Digest,
};
use serde::Deserialize;

/// A `[[boot_loader]]` of the cluster file. If several fit a machine, the first counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootLoaderChoice {
    /// One that HPS has, or the name of the site's own.
    pub file: LoaderFile,
    /// Where the site's own is on this node.
    #[serde(default)]
    pub path: Option<PlainPath>,
    /// What the site's own must be.
    #[serde(default)]
    pub sha256: Option<Sha256Digest>,
    /// The client architectures (DHCP option 93); empty: those that HPS has it for.
    #[serde(default)]
    pub architectures: Vec<ClientArchitecture>,
    /// The hosts that get it.
    #[serde(default)]
    pub hosts: Option<HostPattern>,
    /// The machines whose MAC begins so.
    #[serde(default)]
    pub mac_prefix: Option<MacPrefix>,
    /// The machines whose firmware once reported this product.
    #[serde(default)]
    pub product: Option<Line>,
    /// Why, for people.
    pub reason: Line,
}

impl BootLoaderChoice {
    /// Whether UEFI firmware of a machine with these cards, this name and this product gets it.
    pub(super) fn fits(&self, macs: &[MacAddr], name: Option<&HostName>, product: Option<&Line>) -> bool {
        let for_uefi = self.architectures.is_empty()
            || self.architectures.iter().any(|architecture| architecture.firmware() == FirmwareKind::Uefi);
        for_uefi
            && match (&self.hosts, &self.mac_prefix, &self.product) {
                (Some(hosts), ..) => hosts.has_mac(macs) || name.is_some_and(|name| hosts.has_name(name)),
                (None, Some(prefix), _) => macs.iter().any(|mac| prefix.matches(*mac)),
                (None, None, Some(wanted)) => product == Some(wanted),
                (None, None, None) => true,
            }
    }
}

/// Why one is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChoiceError {
    /// Its file could be changed by others, or is not the one that was tried.
    #[error("boot_loader {0} has a path and no sha256: add the digest that sha256sum prints")]
    NoDigest(LoaderFile),
    /// HPS knows the digests of its own.
    #[error("boot_loader {0} has a sha256 and no path: add the path of the file on this node, or remove sha256")]
    NoPath(LoaderFile),
    /// Nothing says which clients can run it.
    #[error("boot_loader {0} has a path and no architectures: add the numbers of DHCP option 93, such as [7, 9]")]
    NoArchitectures(LoaderFile),
    /// A typing error.
    #[error("boot_loader {file}: architecture {number} is not in IANA's list: docs/reference/client-architectures.md")]
    NotListed { file: LoaderFile, number: u16 },
    /// The next administrator could not know whether it is still needed.
    #[error("boot_loader {0} has an empty reason: say why these machines need it")]
    NoReason(LoaderFile),
    /// It would not be clear whether one or both must fit.
    #[error("boot_loader {0} has more than one of hosts, mac_prefix and product: write a [[boot_loader]] for each")]
    ManyConditions(LoaderFile),
    /// One name cannot be two files.
    #[error("two [[boot_loader]] have the file {0} and another path or sha256: give each file its own name")]
    SameName(LoaderFile),
}

/// Checks one against those before it.
///
/// # Errors
/// The first reason against it.
pub(super) fn check_choice<'a>(
    choice: &BootLoaderChoice,
    before: impl Iterator<Item = &'a BootLoaderChoice>,
) -> Result<(), ChoiceError> {
    let file = choice.file.clone();
    match (&choice.path, &choice.sha256) {
        (Some(_), None) => return Err(ChoiceError::NoDigest(file)),
        (None, Some(_)) => return Err(ChoiceError::NoPath(file)),
        (Some(_), Some(_)) if choice.architectures.is_empty() => return Err(ChoiceError::NoArchitectures(file)),
        _ => {}
    }
    if let Some(unknown) = choice.architectures.iter().find(|architecture| architecture.name().is_none()) {
        return Err(ChoiceError::NotListed { file, number: unknown.number() });
    }
    if choice.reason.as_str().is_empty() {
        return Err(ChoiceError::NoReason(file));
    }
    let conditions = [choice.hosts.is_some(), choice.mac_prefix.is_some(), choice.product.is_some()];
    if conditions.iter().filter(|given| **given).count() > 1 {
        return Err(ChoiceError::ManyConditions(file));
    }
    let differs = |other: &BootLoaderChoice| (&other.path, &other.sha256) != (&choice.path, &choice.sha256);
    if before.into_iter().any(|other| other.file == choice.file && differs(other)) {
        return Err(ChoiceError::SameName(file));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(text: &str) -> BootLoaderChoice {
        toml::from_str(&format!("file = \"own.efi\"\n{text}")).unwrap()
    }

    #[test]
    fn each_mistake_is_named() {
        let digest = "sha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";
        let why = "reason = \"hangs\"";
        for (text, words) in [
            ("path = \"/srv/own.efi\"", "no sha256"),
            (digest, "no path"),
            (&*format!("path = \"/srv/own.efi\"\n{digest}"), "no architectures"),
            ("architectures = [999]", "999 is not in IANA's list"),
            ("hosts = \"sch-[001-003]\"\nproduct = \"X\"", "more than one"),
        ] {
            let error = check_choice(&choice(&format!("{why}\n{text}")), [].iter()).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("own.efi"), "{text}: {error}");
        }
        let no_reason = check_choice(&choice("reason = \"\""), [].iter()).unwrap_err();
        assert!(matches!(no_reason, ChoiceError::NoReason(_)));
        let own = |path: &str| choice(&format!("{why}\n{digest}\narchitectures = [7]\npath = \"{path}\""));
        assert_eq!(check_choice(&own("/a.efi"), [own("/a.efi")].iter()), Ok(()));
        assert!(matches!(check_choice(&own("/a.efi"), [own("/b.efi")].iter()), Err(ChoiceError::SameName(_))));
        for bad in ["../x.efi", "grub", ".efi", "a b.efi", "a..efi", ""] {
            assert!(bad.parse::<LoaderFile>().is_err(), "{bad:?}");
        }
    }
}
