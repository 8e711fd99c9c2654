// SPDX-License-Identifier: GPL-3.0-or-later
//! The files: what they are called, how they are written, and who may write them.
//!
//! Records are reached through one narrow interface, [`Documents`] (get, put if unchanged, create if
//! absent, delete if unchanged, list), so that something else than files can stand there one day. The other
//! files of this module say what is kept and under which rules.

mod claims;
mod claims_list;
mod clusters;
mod dhcp_entries;
mod documents;
mod edit;
mod error;
mod evidence;
mod hosts;
mod leftovers;
mod log;
mod lost;
mod marks;
mod neighbour;
mod notices;
mod paths;
mod pending;
mod permissions;
mod reading;
mod refusals;
mod removal;
mod retire;
mod shared;
mod site_key;
mod site_profiles;
mod spent;
mod syslog;
#[cfg(test)]
mod testing;
mod windows;

pub use claims::{ClaimKind, Role};
pub use claims_list::{Claim, Held};
pub use clusters::{
    activate, active_cluster, active_name, base, cluster_text, conf_text, load_cluster, load_conf, save_cluster,
};
pub use documents::{Document, Documents, Key};
pub use error::StoreError;
pub use hosts::{HostFile, Turn};
pub use log::LogTail;
pub use notices::{Notice, Notices, Waiting};
pub use paths::Paths;
pub use pending::{Pending, PendingList};
pub use reading::read_plain;
pub use removal::Leftovers;
pub use site_profiles::active_site_profiles;

use crate::config::{Cluster, HpsConf};

/// The state of the active cluster.
#[derive(Debug)]
pub struct Store {
    /// Where everything lies.
    pub paths: Paths,
    /// The cluster's settings.
    pub cluster: Cluster,
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
        Ok(Self { paths, cluster })
    }

    fn documents(&self) -> Documents {
        Documents
    }
}
