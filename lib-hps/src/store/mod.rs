// SPDX-License-Identifier: GPL-3.0-or-later
//! What HPS keeps on disk: what the files are called, how they are written, and who may write them.
//!
//! [`Store`] gives a handle for each noun: `store.hosts()`, `store.permissions()`. A handle is a copy of a few references.
//! Records are reached through one interface, [`Records`]: get, put if unchanged, create if absent, remove, list, and a transaction over
//! several records. Files implement it, and memory for the tests (decision 97).

mod all_clusters;
mod allocation_lock;
mod allocations;
mod audit;
mod bmc_credentials;
mod clusters;
mod documents;
mod ended_marks;
mod entry_kind;
mod erase_paths;
mod erasures;
mod error;
mod hardware;
mod host_entries;
mod host_records;
mod host_shims;
mod hosts;
mod installed_marks;
mod journal;
mod leftovers;
mod mark_upkeep;
mod netboots;
mod notifications;
mod parts;
mod paths;
mod pending;
mod permission_records;
mod permissions;
mod power_controls;
mod reading;
mod record_file;
mod record_paths;
mod records;
mod refusals;
mod same_firmware;
mod senders;
mod shared;
mod site_key;
mod site_profiles;
mod syslog;
mod tasks;
#[cfg(test)]
mod testing;
mod web_tokens;
mod web_users;
mod windows;

pub use allocations::{Allocation, AllocationKind, Allocations, HeldAllocations, Role};
pub use audit::Audit;
pub use bmc_credentials::{CredentialFiles, StoredCredentials};
pub use clusters::{
    activate, active_cluster, active_name, base, cluster_text, conf_text, former_cluster, load_cluster, load_conf,
    save_cluster,
};
pub use ended_marks::EndedMarks;
pub use entry_kind::EntryKind;
pub use erasures::{Erasures, RUNNING_SECONDS};
pub use error::StoreError;
pub use hardware::{HardwareFile, HardwareRecords};
pub use host_entries::HostEntries;
pub use host_shims::HostShims;
pub use hosts::{HostFile, Hosts, InstallLock, RemovalPlan, Renumbered};
pub use installed_marks::InstalledMarks;
pub use journal::{Journal, LogTail};
pub use leftovers::Leftovers;
pub use mark_upkeep::MarkUpkeep;
pub use netboots::{AddressTrouble, NetbootStage, Netboots, StoppedNetboot};
pub use notifications::{Notification, NotificationQueue, Notifications, QueuedNotification};
pub use paths::Paths;
pub use pending::{Pending, PendingList, PendingMachines};
pub use permissions::Permissions;
pub use power_controls::PowerControls;
pub use reading::read_plain;
pub use record_file::RecordFile;
pub use records::{Document, Key, Kind, Outcome, Record, Records, Transaction, Version};
pub use refusals::Refusals;
pub use same_firmware::{ProbableHost, SameFirmware, SharedValue};
pub use senders::Senders;
pub use site_key::SiteKeyFile;
pub use site_profiles::{SiteProfiles, active_site_profiles};
pub use tasks::Tasks;
pub use web_tokens::{ListedToken, StoredToken, WebToken, WebTokens};
pub use web_users::WebUsers;
pub use windows::Windows;

use crate::config::{Cluster, HpsConf};
use crate::types::{ClusterName, FirmwareInfo};
use parts::Parts;
use records::FileRecords;

/// The state of a cluster.
#[derive(Debug)]
pub struct Store {
    /// Where the files are.
    pub paths: Paths,
    /// The cluster's settings.
    pub cluster: Cluster,
    records: Box<dyn Records>,
}

impl Store {
    /// The store of the active cluster.
    ///
    /// # Errors
    /// When no cluster is active, its file cannot be accepted, or another user can write in a folder of its state.
    pub fn open(conf: &HpsConf) -> Result<Self, StoreError> {
        let cluster = active_cluster(conf)?;
        let paths = Paths::new(conf.clone(), cluster.name.clone());
        paths.check_folders()?;
        Ok(Self::new(paths, cluster))
    }

    /// The store of a cluster that is served or not.
    ///
    /// # Errors
    /// As [`Store::open`], for this cluster.
    pub fn open_cluster(conf: &HpsConf, name: &ClusterName) -> Result<Self, StoreError> {
        let cluster = load_cluster(conf, name)?;
        let paths = Paths::new(conf.clone(), cluster.name.clone());
        paths.check_folders()?;
        Ok(Self::new(paths, cluster))
    }

    /// The store of a cluster whose folders the caller has checked, or makes.
    pub fn new(paths: Paths, cluster: Cluster) -> Self {
        let records = Box::new(FileRecords::new(paths.clone()));
        Self { paths, cluster, records }
    }

    fn parts(&self) -> Parts<'_> {
        Parts { records: &*self.records, paths: &self.paths, cluster: &self.cluster }
    }

    /// The hosts: found, created, changed, removed.
    pub fn hosts(&self) -> Hosts<'_> {
        Hosts::new(self.parts())
    }

    /// Which host has which address, name and MAC.
    pub fn allocations(&self) -> Allocations<'_> {
        Allocations::new(self.parts())
    }

    /// The machines that began to boot over the network, by the logs.
    pub fn netboots(&self) -> Netboots<'_> {
        Netboots::new(&self.paths)
    }

    /// The permissions to install: given, ended, pruned.
    pub fn permissions(&self) -> Permissions<'_> {
        Permissions::new(self.parts())
    }

    /// How each host is switched on and off.
    pub fn power_controls(&self) -> PowerControls<'_> {
        PowerControls::new(&*self.records)
    }

    /// The users and passwords of BMCs.
    pub fn credential_files(&self) -> CredentialFiles<'_> {
        CredentialFiles::new(&self.paths)
    }

    /// The tokens for changes over the API.
    pub fn web_tokens(&self) -> WebTokens<'_> {
        WebTokens::new(&self.paths)
    }

    /// Who may log in to the page.
    pub fn web_users(&self) -> WebUsers<'_> {
        WebUsers::new(&self.paths)
    }

    /// The permissions to erase disks, and their protocols.
    pub fn erasures(&self) -> Erasures<'_> {
        Erasures::new(self.parts())
    }

    /// The windows of time in which machines may be installed.
    pub fn windows(&self) -> Windows<'_> {
        Windows::new(&*self.records)
    }

    /// The requests with a bad ticket or token.
    pub fn refusals(&self) -> Refusals<'_> {
        Refusals::new(self.parts())
    }

    /// The marks that permissions and windows ended.
    pub fn ended_marks(&self) -> EndedMarks<'_> {
        EndedMarks::new(&*self.records)
    }

    /// What `reload` does with the marks that permissions and windows ended.
    pub fn mark_upkeep(&self) -> MarkUpkeep<'_> {
        MarkUpkeep::new(self.parts())
    }

    /// The marks that machines were ever installed.
    pub fn installed_marks(&self) -> InstalledMarks<'_> {
        InstalledMarks::new(self.parts())
    }

    /// The audit of the site.
    pub fn audit(&self) -> Audit<'_> {
        Audit::new(self.paths.conf())
    }

    /// The history and the logs of hosts.
    pub fn journal(&self) -> Journal<'_> {
        Journal::new(self.parts())
    }

    /// The notifications that the site's command is to receive.
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications::new(self.parts())
    }

    /// The machines that asked what to do and that HPS does not know.
    pub fn pending(&self) -> PendingMachines<'_> {
        PendingMachines::new(&*self.records)
    }

    /// What machines reported about their hardware.
    pub fn hardware(&self) -> HardwareRecords<'_> {
        HardwareRecords::new(self.parts())
    }

    /// Tasks of the node environment: asked for, begun, reported.
    pub fn tasks(&self) -> Tasks<'_> {
        Tasks::new(self.parts())
    }

    /// The machines that reported a serial or UUID. It reads every record and every note of an unknown machine.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn same_firmware(&self) -> Result<SameFirmware, StoreError> {
        SameFirmware::read(self.parts())
    }

    /// The same of machines that may report the serial or UUID of `firmware`.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn same_firmware_as(&self, firmware: &FirmwareInfo) -> Result<SameFirmware, StoreError> {
        SameFirmware::read_like(self.parts(), firmware)
    }

    /// What this node knows of the sender of a request.
    pub fn senders(&self) -> Senders<'_> {
        Senders::new(self.parts())
    }

    /// What dnsmasq reads about each host.
    pub fn host_entries(&self, kind: EntryKind) -> HostEntries<'_> {
        HostEntries::new(&self.paths, kind)
    }

    /// Which cards get the shim of an installation tree.
    pub fn host_shims(&self) -> HostShims<'_> {
        HostShims::new(&self.paths)
    }

    /// The site profiles.
    pub fn site_profiles(&self) -> SiteProfiles<'_> {
        SiteProfiles::new(&self.paths, &self.cluster)
    }

    /// The site key.
    pub fn site_key(&self) -> SiteKeyFile<'_> {
        SiteKeyFile::new(&self.paths)
    }

    /// What killed processes left in the folders.
    pub fn leftovers(&self) -> Leftovers<'_> {
        Leftovers::new(&self.paths)
    }
}
