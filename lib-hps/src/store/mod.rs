// SPDX-License-Identifier: GPL-3.0-or-later
//! The files: what they are called, how they are written, and who may write them.
//!
//! Records are reached through one interface, [`Records`]: get, put if unchanged, create if absent, remove, list, and a transaction over
//! several records. Files implement it, and memory for the tests. The other files of this module say what is kept and under which rules.

mod claim_kind;
mod claims;
mod claims_list;
mod clusters;
mod dhcp_entries;
mod documents;
mod edit;
mod ended_marks;
mod error;
mod host_records;
mod hosts;
mod leftovers;
mod log;
mod lost;
mod marks;
mod neighbour;
mod notifications;
mod paths;
mod pending;
mod permissions;
mod reading;
mod records;
mod refusals;
mod removal;
mod retire;
mod sender;
mod shared;
mod site_key;
mod site_profiles;
mod spent;
mod syslog;
#[cfg(test)]
mod testing;
mod windows;

pub use claim_kind::ClaimKind;
pub use claims::Role;
pub use claims_list::{Claim, Held};
pub use clusters::{
    activate, active_cluster, active_name, base, cluster_text, conf_text, load_cluster, load_conf, save_cluster,
};
pub use error::StoreError;
pub use hosts::{HostFile, Turn};
pub use log::LogTail;
pub use notifications::{Notification, Notifications, Waiting};
pub use paths::{Paths, RecordFile};
pub use pending::{Pending, PendingList, PendingMachines};
pub use reading::read_plain;
pub use records::{Document, Key, Kind, Outcome, Record, Records, Transaction, Version};
pub use removal::Leftovers;
pub use site_profiles::active_site_profiles;

pub use windows::Windows;

use crate::config::{Cluster, HpsConf};
use records::FileRecords;

/// The state of a cluster.
#[derive(Debug)]
pub struct Store {
    /// Where everything lies.
    pub paths: Paths,
    /// The cluster's settings.
    pub cluster: Cluster,
    records: Box<dyn Records>,
}

impl Store {
    /// The store of the active cluster.
    ///
    /// # Errors
    /// When no cluster is active, its file is not taken, or somebody else can write in a folder of its state.
    pub fn open(conf: &HpsConf) -> Result<Self, StoreError> {
        let cluster = active_cluster(conf)?;
        let paths = Paths::new(conf.clone(), cluster.name.clone());
        paths.check_folders()?;
        Ok(Self::new(paths, cluster))
    }

    /// The store of a cluster whose folders the caller has looked at, or makes.
    pub fn new(paths: Paths, cluster: Cluster) -> Self {
        let records = Box::new(FileRecords::new(paths.clone()));
        Self { paths, cluster, records }
    }
}
