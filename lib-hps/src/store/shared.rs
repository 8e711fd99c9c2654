// SPDX-License-Identifier: GPL-3.0-or-later
//! The folders that root and the web server's user both write, made so that root's programs are safe in them.
//!
//! Such a folder holds files only, and the folder above it is root's. An attacker with the web server's user can replace a file, and
//! never a folder.

use super::paths::{CLAIM_DIRS, OLD_SPENT, SHARED_DIRS};
use super::{Paths, StoreError};
use crate::config::Dir;
use crate::files::{self, Access, CheckedFolder, FileError, Trust, check_folder, make_dir};
use rustix::fs::OFlags;
use std::path::PathBuf;

/// The group passes through and reads; new files get its group.
const ROOTS: u32 = 0o2755;
/// The group writes too.
pub(super) const SHARED: u32 = 0o2770;

impl Paths {
    /// Folders between the cluster's and the shared ones. Only root writes them.
    fn folders_of_shared(&self) -> [PathBuf; 2] {
        [self.claims_root(), self.locks_dir()]
    }

    /// Looks at every folder of state that is there: what somebody else can put into one counts as root's word.
    ///
    /// # Errors
    /// The first one that somebody else can write in or replace, with the command that mends it.
    pub(super) fn check_folders(&self) -> Result<(), StoreError> {
        let base = super::base(self.conf());
        let inside = |above: &Option<CheckedFolder>, names: &[&str], trust: Trust| -> Result<(), FileError> {
            let Some(above) = above else { return Ok(()) };
            names.iter().try_for_each(|name| above.check_folder(name, trust).map(drop))
        };
        let cluster = check_folder(&self.cluster_dir(), &base, Trust::Root)?;
        inside(&cluster, &["profiles", "bmc"], Trust::Root)?;
        inside(&cluster, &SHARED_DIRS, Trust::Shared)?;
        inside(&cluster, &[OLD_SPENT], Trust::Shared)?;
        if let Some(cluster) = &cluster {
            let permissions = cluster.check_folder("permissions", Trust::Root)?;
            inside(&permissions, &["windows", "erase"], Trust::Root)?;
            // Older versions let the group write it.
            let claims = cluster.check_folder("claims", Trust::Shared)?;
            inside(&claims, &CLAIM_DIRS, Trust::Shared)?;
            cluster.check_folder("locks", Trust::Shared)?;
        }
        let shared = [(Dir::State, "ever-installed"), (Dir::State, "spent"), (Dir::Log, "hosts"), (Dir::Log, "web")];
        for (folder, shared) in shared {
            inside(&check_folder(self.conf().dir(folder), &base, Trust::Root)?, &[shared], Trust::Shared)?;
        }
        Ok(())
    }

    /// Makes the shared folders with the rights that they need, and the file of the allocation lock. What an older version made
    /// gets the same rights.
    ///
    /// # Errors
    /// When one cannot be made, or a link is where one should be.
    pub fn make_shared(&self, group: Option<u32>) -> Result<(), StoreError> {
        // Those above first: after that no other user can replace the others.
        for path in self.folders_of_shared() {
            make_dir(&path, ROOTS, group)?;
        }
        for path in self.shared_dirs() {
            make_dir(&path, SHARED, group)?;
        }
        let lock = self.allocation_lock();
        files::open_shared(&lock, OFlags::RDWR | OFlags::CREATE, "make")?;
        // Older versions kept the mark beside the folders of claims, and a lock.
        let old = self.claims_root().join("first-storage-host");
        if old.symlink_metadata().is_ok_and(|m| m.is_file()) {
            files::create_atomic(self.first_storage().path(), b"\n", Access::Group)?;
            files::remove(&old)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::host::{Event, Who};
    use crate::store::{Role, Store};
    use crate::types::{HostType, Timestamp};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    const ROLE: Role = Role { host_type: HostType::SCH, profile: None, event: Event::Armed };

    fn place(store: &Store) -> Result<crate::host::Host, StoreError> {
        let mac = "525400000001".parse().unwrap();
        store.allocations().allocate(mac, ROLE, None, &[], &Who::operator("test", "root"), Timestamp::from_unix(1))
    }

    #[test]
    fn what_both_write_lies_in_folders_that_only_root_writes() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let shared = store.paths.shared_dirs();
        for path in &shared {
            let above = path.parent().unwrap();
            assert!(!shared.iter().any(|other| above.starts_with(other)), "{}", path.display());
            let mode = std::fs::metadata(above).unwrap().permissions().mode();
            assert_eq!(mode & 0o022, 0, "{} lies in a folder of others", path.display());
            let inside = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).find(|p| p.is_dir());
            assert_eq!(inside, None, "a folder in a folder that others write");
        }
        let lock = store.paths.allocation_lock();
        assert_eq!(std::fs::metadata(lock.parent().unwrap()).unwrap().permissions().mode() & 0o022, 0);
        assert_eq!(std::fs::metadata(&lock).unwrap().permissions().mode() & 0o777, 0o660);
    }

    #[test]
    fn an_older_node_gets_the_rights_and_keeps_its_mark() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let claims = store.paths.claims_root();
        std::fs::set_permissions(&claims, std::fs::Permissions::from_mode(0o2770)).unwrap();
        std::fs::remove_dir(claims.join("marks")).unwrap();
        std::fs::write(claims.join("first-storage-host"), "525400000001\n").unwrap();
        place(&store).unwrap();
        store.paths.make_shared(None).unwrap();
        assert_eq!(std::fs::metadata(&claims).unwrap().permissions().mode() & 0o7777, 0o2755);
        assert!(store.hosts().has_storage() && !claims.join("first-storage-host").exists());
        assert_eq!(store.allocations().list().unwrap().len(), 2, "no allocation is lost");
    }

    #[test]
    fn a_folder_that_became_a_link_leads_nobody_elsewhere() {
        for kind in ["address", "name"] {
            let (folder, store) = store("10.0.0.2-10.0.0.9");
            let victim = folder.path().join("victim");
            std::fs::create_dir(&victim).unwrap();
            for name in ["sch-001", "10.0.0.2"] {
                std::fs::write(victim.join(name), "").unwrap();
            }
            let claims = store.paths.claims_root().join(kind);
            std::fs::remove_dir_all(&claims).unwrap();
            symlink(&victim, &claims).unwrap();
            assert!(place(&store).is_err(), "{kind}");
            let names = std::fs::read_dir(&victim).unwrap().count();
            assert_eq!(names, 2, "{kind}: root made something there");
            assert!(["sch-001", "10.0.0.2"].iter().all(|n| std::fs::read(victim.join(n)).unwrap().is_empty()));
            let error = store.paths.make_shared(None).unwrap_err().to_string();
            assert!(error.contains(&format!("claims/{kind}: ")) && error.contains("remove it"), "{error}");
        }
    }
}
