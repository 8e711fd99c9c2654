// SPDX-License-Identifier: GPL-3.0-or-later
//! The names of members: a folder of `hps.conf`, and a path in it.
//!
//! Only names that HPS knows can be in an archive: a record, a mark, a key, a file of a published tree. So neither a permission nor a
//! path that leads elsewhere can come in by one.

use crate::files::Access;
use crate::host::PermissionId;
use crate::types::{
    ClusterName, CredentialsName, Distro, HostName, Invalid, MacAddr, Sha256Digest, serde_as_text, text_enum,
};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

text_enum! {
    /// The folder of `hps.conf` that a member belongs to, with the name that it has in an archive.
    Folder, "folder of an export",

    /// Cluster files and the state of clusters.
    Clusters = "clusters",
    /// State that outlives clusters.
    State = "state",
    /// Scripts of the site.
    Scripts = "scripts",
    /// Menu texts of the site.
    Menu = "menu",
    /// Local package repositories.
    Packages = "packages",
    /// Published trees and images.
    Distros = "distros",
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A mark that a machine was installed, or that a permission ended. These are written first, and none is ever removed.
    Mark,
    /// A key or a boot loader.
    Key,
    /// Which host has an address, a name or a card.
    Allocation,
    /// The record of a host.
    Record,
    /// What a host did, and what it reported about its hardware.
    History,
    /// A setting that a person wrote: a profile, a script, the text of a menu.
    Setting,
    /// A cluster file, or `hps.conf`. These are written last.
    ClusterFile,
    /// A part of a tree, an image or a repository.
    Medium,
}

/// The longest name of a member.
const MAX_NAME_BYTES: usize = 1024;
/// `hps.conf` is in no folder that it names.
const CONF: &str = "hps.conf";

/// The name of a member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberName(String);

impl MemberName {
    /// `hps.conf`.
    pub fn conf() -> Self {
        Self(CONF.to_owned())
    }

    /// The file at `path`, with `/` between its parts, below a folder.
    ///
    /// # Errors
    /// When HPS knows no such file, or an archive must not have it.
    pub fn new(folder: Folder, path: &str) -> Result<Self, Invalid> {
        format!("{folder}/{path}").parse()
    }

    /// The folder, and the path in it; `None` for `hps.conf`.
    pub fn place(&self) -> Option<(Folder, &str)> {
        let (folder, path) = self.0.split_once('/')?;
        Some((folder.parse().ok()?, path))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is.
    pub fn part(&self) -> Part {
        // A name is only made from a text that has a part.
        part(&self.0).unwrap_or(Part::Medium)
    }

    /// The cluster that it belongs to.
    pub fn cluster(&self) -> Option<ClusterName> {
        let (Folder::Clusters, path) = self.place()? else { return None };
        let first = path.split('/').next()?;
        first.strip_suffix(".cluster").unwrap_or(first).parse().ok()
    }

    /// The cluster and the MAC, for the record of a host.
    pub fn host(&self) -> Option<(ClusterName, MacAddr)> {
        let (Folder::Clusters, path) = self.place()? else { return None };
        let (cluster, file) = path.split_once("/hosts/")?;
        Some((cluster.parse().ok()?, file.strip_suffix(".toml")?.parse().ok()?))
    }

    /// The machine and the permission of a mark that a machine was installed.
    pub fn installed_mark(&self) -> Option<MacAddr> {
        self.0.strip_prefix("state/ever-installed/")?.parse().ok()
    }

    /// The distribution that a medium belongs to.
    pub fn distro(&self) -> Option<Distro> {
        match self.place()? {
            (Folder::Distros | Folder::Packages, path) => path.split('/').next()?.parse().ok(),
            _ => None,
        }
    }

    /// Who may use the file when it is at its place. The mode in an archive does not count, except for scripts.
    pub fn access(&self) -> Access {
        match (self.part(), self.place()) {
            (Part::Mark | Part::Allocation | Part::Record | Part::History, _) => Access::Group,
            (Part::Key, Some((Folder::State, path))) if !path.starts_with("boot-loaders/") => Access::Owner,
            (Part::Setting, Some((Folder::Clusters, path))) if path.contains("/bmc/") => Access::Owner,
            (Part::ClusterFile, Some(_)) => Access::GroupRead,
            (Part::Setting, Some((Folder::Clusters, _))) => Access::GroupRead,
            (Part::Medium, Some((_, path))) if path.ends_with("/.hps-inventory") => Access::Owner,
            _ => Access::World,
        }
    }

    /// The mode of its folder, where an import must make one.
    pub fn folder_mode(&self) -> u32 {
        match self.place() {
            Some((Folder::State, path)) if path.starts_with("bmc-credentials/") => 0o700,
            Some((Folder::Clusters, path)) if path.contains("/bmc/") => 0o700,
            _ => 0o755,
        }
    }
}

impl FromStr for MemberName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match part(text) {
            Some(_) => Ok(Self(text.to_owned())),
            None => {
                Err(Invalid::new("name in an export", text, "expected a file that HPS knows and an export may have"))
            }
        }
    }
}

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(MemberName);

/// What a name stands for; `None` for a name that no archive may have.
fn part(name: &str) -> Option<Part> {
    if name == CONF {
        return Some(Part::ClusterFile);
    }
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(|c: char| c.is_control() || c == '\\');
    if name.len() > MAX_NAME_BYTES || !name.split('/').all(plain) {
        return None;
    }
    let (folder, path) = name.split_once('/')?;
    let parts: Vec<&str> = path.split('/').collect();
    match folder.parse().ok()? {
        Folder::Clusters => of_clusters(&parts),
        Folder::State => of_state(&parts),
        Folder::Scripts | Folder::Menu => parts.iter().all(|part| !is_hidden(part)).then_some(Part::Setting),
        Folder::Packages => of_packages(&parts),
        Folder::Distros => of_distros(&parts),
    }
}

fn of_clusters(parts: &[&str]) -> Option<Part> {
    let (cluster, rest) = parts.split_first()?;
    if rest.is_empty() {
        return is_a::<ClusterName>(cluster.strip_suffix(".cluster")?).then_some(Part::ClusterFile);
    }
    if !is_a::<ClusterName>(cluster) {
        return None;
    }
    match rest {
        ["former.cluster"] => Some(Part::ClusterFile),
        ["hosts", file] => is_mac(file.strip_suffix(".toml")?).then_some(Part::Record),
        ["history", file] => {
            let file = file.strip_suffix(".1").unwrap_or(file);
            is_mac(file.strip_suffix(".jsonl")?).then_some(Part::History)
        }
        ["hardware" | "erase-protocols", file] => is_mac(file.strip_suffix(".toml")?).then_some(Part::History),
        ["bmc", file] => is_mac(file.strip_suffix(".toml")?).then_some(Part::Setting),
        ["profiles", file] => is_plain_name(file.strip_suffix(".toml")?).then_some(Part::Setting),
        ["claims", "address", address] => is_canonical::<Ipv4Addr>(address).then_some(Part::Allocation),
        ["claims", "name", name] => is_canonical::<HostName>(name).then_some(Part::Allocation),
        ["claims", "mac", mac] => is_mac(mac).then_some(Part::Allocation),
        ["claims", "marks", "first-storage-host"] => Some(Part::Mark),
        ["spent", id] => is_a::<PermissionId>(id).then_some(Part::Mark),
        _ => None,
    }
}

fn of_state(parts: &[&str]) -> Option<Part> {
    match parts {
        ["ever-installed", mac] => is_mac(mac).then_some(Part::Mark),
        ["spent", id] => is_a::<PermissionId>(id).then_some(Part::Mark),
        ["packages-key.asc" | "web.pem" | "web-users"] => Some(Part::Key),
        // What is encrypted for one machine is of no use on another.
        ["bmc-credentials", name] => is_a::<CredentialsName>(name).then_some(Part::Key),
        ["boot-loaders", file] => is_plain_name(file.strip_suffix(".toml")?).then_some(Part::Key),
        ["boot-loaders", "files", digest] => is_canonical::<Sha256Digest>(digest).then_some(Part::Key),
        _ => None,
    }
}

fn of_packages(parts: &[&str]) -> Option<Part> {
    let (distro, rest) = parts.split_first()?;
    match rest {
        _ if !is_a::<Distro>(distro) => None,
        ["keys", key] => is_plain_name(key.strip_suffix(".asc")?).then_some(Part::Setting),
        ["wanted.list"] => Some(Part::Setting),
        [] => None,
        rest => is_medium(rest).then_some(Part::Medium),
    }
}

fn of_distros(parts: &[&str]) -> Option<Part> {
    let (distro, rest) = parts.split_first()?;
    (is_a::<Distro>(distro) && !rest.is_empty() && is_medium(rest)).then_some(Part::Medium)
}

/// A tree may have hidden files of its maker. Unfinished work, locks and the rest of a killed process do not belong to it.
fn is_medium(parts: &[&str]) -> bool {
    let unfinished = |part: &str| {
        let begins = [".tree-", ".build-", ".hps-import-"].iter().any(|start| part.starts_with(start));
        begins || part == ".iso" || part == ".lock" || part.ends_with(".lock") || part.ends_with(".tmp")
    };
    parts.iter().all(|part| !(is_hidden(part) && unfinished(part)))
}

/// Whether a published folder leaves out this name: unfinished work, a lock, the rest of a killed process.
pub fn is_left_out(name: &str) -> bool {
    is_hidden(name) && !is_medium(&[name])
}

fn is_hidden(part: &str) -> bool {
    part.starts_with('.')
}

fn is_plain_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+' | b'~');
    !text.is_empty() && !is_hidden(text) && text.bytes().all(plain)
}

fn is_a<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

/// In the form that HPS writes: two spellings of one value would be two files.
fn is_canonical<T: FromStr + fmt::Display>(text: &str) -> bool {
    text.parse::<T>().is_ok_and(|value| value.to_string() == text)
}

fn is_mac(text: &str) -> bool {
    is_canonical::<MacAddr>(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_site_is_made_of_has_a_name() {
        for (name, part) in [
            ("hps.conf", Part::ClusterFile),
            ("clusters/lab.cluster", Part::ClusterFile),
            ("clusters/lab/former.cluster", Part::ClusterFile),
            ("clusters/lab/hosts/525400000001.toml", Part::Record),
            ("clusters/lab/history/525400000001.jsonl.1", Part::History),
            ("clusters/lab/hardware/525400000001.toml", Part::History),
            ("clusters/lab/profiles/BUILD.toml", Part::Setting),
            ("clusters/lab/bmc/525400000001.toml", Part::Setting),
            ("state/bmc-credentials/rack7", Part::Key),
            ("clusters/lab/claims/address/10.0.0.7", Part::Allocation),
            ("clusters/lab/claims/name/tch-001", Part::Allocation),
            ("clusters/lab/claims/marks/first-storage-host", Part::Mark),
            ("state/ever-installed/525400000001", Part::Mark),
            ("state/spent/0123456789abcdef0123456789abcdef", Part::Mark),
            ("state/packages-key.asc", Part::Key),
            ("state/web-users", Part::Key),
            ("scripts/cluster-config.d/10-site", Part::Setting),
            ("packages/x86_64-linux-rockylinux-9/keys/ABCD.asc", Part::Setting),
            ("packages/x86_64-linux-rockylinux-9/Repo/.hps-repository", Part::Medium),
            ("distros/x86_64-linux-rockylinux-9.5/.hps-inventory", Part::Medium),
            ("distros/x86_64-linux-rockylinux-9.5/BaseOS/Packages/k/kernel.rpm", Part::Medium),
        ] {
            assert_eq!(name.parse::<MemberName>().map(|name| name.part()), Ok(part), "{name}");
        }
    }

    #[test]
    fn permissions_secrets_of_tokens_and_paths_that_lead_elsewhere_have_none() {
        for name in [
            "",
            "/etc/passwd",
            "clusters",
            "clusters/",
            "clusters/../state/spent/0123456789abcdef0123456789abcdef",
            "clusters/lab/permissions/525400000001.toml",
            "clusters/lab/permissions/windows/0123456789abcdef0123456789abcdef.toml",
            "clusters/lab/menu-permissions/525400000001.toml",
            "clusters/lab/pending/525400000001.toml",
            "clusters/lab/refusals/525400000001",
            "clusters/lab/hosts/52:54:00:00:00:01.toml",
            "clusters/lab/hosts/52540000000A.toml",
            "clusters/lab/hosts/.525400000001.toml.lock",
            "clusters/lab/bmc/x.toml",
            "state/bmc-credentials/rack7.cred",
            "clusters/active.cluster",
            "state/site.key",
            "state/web-tokens/ci.toml",
            "state/dnsmasq.leases",
            "state/audit/x",
            "scripts/.hidden",
            "scripts/a//b",
            "scripts/./b",
            "scripts/a\nb",
            "distros/x86_64-linux-rockylinux-9.5",
            "distros/x86_64-linux-rockylinux-9.5/.lock",
            "distros/.iso/x.iso",
            "distros/elsewhere/x",
            "services/dnsmasq.conf",
            "manifest.json",
        ] {
            assert!(name.parse::<MemberName>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn secrets_are_for_root_alone() {
        let access = |name: &str| name.parse::<MemberName>().unwrap().access();
        assert_eq!(access("state/packages-key.asc"), Access::Owner);
        assert_eq!(access("state/boot-loaders/bookworm-shim-signed.toml"), Access::World);
        assert_eq!(access("clusters/lab.cluster"), Access::GroupRead);
        assert_eq!(access("state/ever-installed/525400000001"), Access::Group);
    }
}
