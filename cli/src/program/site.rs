// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps.conf` of this node, and the store below it.

use super::exit::{Ended, Exit};
use hps::config::{DEFAULT_CONF, HpsConf};
use hps::files::{self, FileError, Trust};
use hps::store::{Store, StoreError};
use std::path::PathBuf;

/// `hps.conf`, and where it is.
#[derive(Debug, Clone)]
pub struct Site {
    /// The file.
    pub path: PathBuf,
    /// Its content.
    pub conf: HpsConf,
}

/// Where `hps.conf` is: `$HPS_CONFIG`, or the default if it is not set; never in the current directory.
pub fn conf_path() -> PathBuf {
    std::env::var_os("HPS_CONFIG").filter(|p| !p.is_empty()).map_or_else(|| PathBuf::from(DEFAULT_CONF), PathBuf::from)
}

/// Reads `hps.conf`.
///
/// # Errors
/// When there is none, or it is not accepted.
pub fn load_site() -> anyhow::Result<Site> {
    let path = conf_path();
    if !path.is_absolute() {
        return Err(Ended::error(Exit::Failed, format!("HPS_CONFIG is {}: expected an absolute path", path.display())));
    }
    let conf = hps::store::load_conf(&path).map_err(|error| match error {
        StoreError::Io(error) if error.is_not_found() => {
            Ended::error(Exit::NotFound, format!("{}: no such file; cluster-configure makes it", path.display()))
        }
        other => other.into(),
    })?;
    check_folders(&conf)?;
    Ok(Site { path, conf })
}

/// Checks every existing folder that `hps.conf` names.
///
/// # Errors
/// [`Exit::Refused`] for one that users other than root can write, with the command that corrects it.
pub fn check_folders(conf: &HpsConf) -> Result<(), FileError> {
    let base = hps::store::base(conf);
    conf.dirs().try_for_each(|(_, folder)| files::check_folder(folder, &base, Trust::Root).map(drop))
}

/// The store of the active cluster.
///
/// # Errors
/// When there is none, or its files are not accepted.
pub fn open_store() -> anyhow::Result<Store> {
    Ok(Store::open(&load_site()?.conf)?)
}
