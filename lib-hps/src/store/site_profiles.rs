// SPDX-License-Identifier: GPL-3.0-or-later
//! Site profiles. Their scripts run as root on hosts, so a file counts only where root alone can have written it.

use super::{Paths, StoreError, documents};
use crate::config::{Cluster, HpsConf, SiteProfile};
use crate::files::{Base, Trust, read_trusted};
use crate::types::{HostName, HostType, MacAddr, SiteProfileName};
use std::path::Path;

/// More than any profile: its texts alone are bounded at less.
const MAX_PROFILE_BYTES: u64 = 1 << 20;
const ENDING: &str = ".toml";

/// The site profiles of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct SiteProfiles<'a> {
    paths: &'a Paths,
    cluster: &'a Cluster,
}

impl<'a> SiteProfiles<'a> {
    pub(super) fn new(paths: &'a Paths, cluster: &'a Cluster) -> Self {
        Self { paths, cluster }
    }

    /// What the sections of host types add, then all files by name, which may change it. A file with another ending is no
    /// site profile.
    ///
    /// # Errors
    /// When one cannot be read or accepted: HPS does not know then what a host is to have. A missing folder holds none.
    pub fn list(self) -> Result<Vec<SiteProfile>, StoreError> {
        let of_types = self.cluster.types.iter();
        let of_types = of_types.filter_map(|(host_type, settings)| SiteProfile::from_section(*host_type, settings));
        of_types.map(Ok).chain(self.files()?.into_iter().map(|(path, name)| self.read(&path, name))).collect()
    }

    /// Those of a host, in the same order.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn of_host(
        self,
        host_type: HostType,
        name: Option<&HostName>,
        macs: &[MacAddr],
    ) -> Result<Vec<SiteProfile>, StoreError> {
        let mut profiles = self.list()?;
        profiles.retain(|profile| profile.is_for(host_type, name, macs));
        Ok(profiles)
    }

    /// One of [`Self::files`].
    ///
    /// # Errors
    /// When it cannot be read or accepted.
    pub fn read(self, path: &Path, name: SiteProfileName) -> Result<SiteProfile, StoreError> {
        read(path, name, &super::base(self.paths.conf()))
    }

    /// Their files, by name, whether they can be accepted or not.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file has a name that none can have.
    pub fn files(self) -> Result<Vec<(std::path::PathBuf, SiteProfileName)>, StoreError> {
        let folder = self.paths.site_profiles_dir();
        let mut files = Vec::new();
        for name in documents::list_where_there(&folder)? {
            let Some(stem) = name.strip_suffix(ENDING).filter(|stem| !stem.starts_with('.')) else { continue };
            let path = folder.join(&name);
            let name: SiteProfileName = stem.parse().map_err(|e| StoreError::content(&path, e))?;
            files.push((path, name));
        }
        files.sort_by(|(_, one), (_, other)| one.cmp(other));
        Ok(files)
    }
}

/// The profiles of the active cluster; none where none is active.
///
/// # Errors
/// As [`SiteProfiles::list`], or when the cluster's file cannot be accepted.
pub fn active_site_profiles(conf: &HpsConf) -> Result<Vec<SiteProfile>, StoreError> {
    if super::active_name(conf)?.is_none() {
        return Ok(Vec::new());
    }
    let cluster = super::active_cluster(conf)?;
    let paths = Paths::new(conf.clone(), cluster.name.clone());
    paths.check_folders()?;
    SiteProfiles::new(&paths, &cluster).list()
}

fn read(path: &Path, name: SiteProfileName, base: &Base) -> Result<SiteProfile, StoreError> {
    let bytes = read_trusted(path, base, Trust::Root, MAX_PROFILE_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| StoreError::content(path, "it is not UTF-8"))?;
    SiteProfile::parse(&text, name).map_err(|mistakes| StoreError::Mistakes { path: path.to_path_buf(), mistakes })
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn files_of_others_do_not_count() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        assert_eq!(store.site_profiles().list().unwrap(), []);
        let folder = store.paths.site_profiles_dir();
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("b.toml");
        std::fs::write(&path, "version = 1\ntypes = [\"SCH\"]\n").unwrap();
        std::fs::write(folder.join("a.toml"), "version = 1\nhosts = [\"sch-001\"]\n").unwrap();
        std::fs::write(folder.join("a.toml~"), "an editor's").unwrap();
        let names = |name: Option<&str>| {
            let name = name.map(|name| name.parse().unwrap());
            let found = store.site_profiles().of_host(HostType::SCH, name.as_ref(), &[]).unwrap();
            found.iter().map(SiteProfile::label).collect::<Vec<_>>()
        };
        assert_eq!((names(Some("sch-001")), names(None)), (vec!["a".to_owned(), "b".to_owned()], vec!["b".to_owned()]));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
        assert!(store.site_profiles().list().unwrap_err().to_string().contains("can write it (mode 0664)"));
        std::fs::write(folder.join("B.toml"), "").unwrap();
        assert!(store.site_profiles().list().unwrap_err().to_string().contains("B.toml"));
    }
}
