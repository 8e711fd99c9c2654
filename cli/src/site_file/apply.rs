// SPDX-License-Identifier: GPL-3.0-or-later
//! The writing of an import, in an order in which it can be killed at any point: marks first, so that no machine that was ever
//! installed is installed again; then the end of all permissions; the records; a new site key; the cluster files; the active link last.

use super::collect::place;
use super::difference::Difference;
use super::incoming::{Incoming, Setting};
use super::staging::Staging;
use crate::audit;
use crate::layout;
use crate::lost::end_ruled;
use crate::media;
use crate::program::{self, Site};
use anyhow::Context as _;
use hps::boot::token::SiteKey;
use hps::files::{self, Access, IoError, Lock, LockKind, make_dir, write_atomic};
use hps::host::{Host, HostState};
use hps::site_archive::{Folder, MemberName, Part};
use hps::store::{Paths, Store, activate, load_cluster};
use hps::types::{ClusterName, HostName};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

const WHY: &str = "the site was imported";
/// How long a boot manager may hold a record.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// An import that was agreed to. The caller has the lock of `reload`.
pub(crate) struct Import<'a> {
    pub(crate) site: &'a Site,
    pub(crate) incoming: &'a Incoming,
    pub(crate) difference: &'a Difference,
    pub(crate) staging: &'a Staging,
}

impl Import<'_> {
    /// Writes everything. Returns lines for a person.
    ///
    /// # Errors
    /// What could not be written. The same import continues.
    pub(crate) fn apply(&self) -> anyhow::Result<Vec<String>> {
        let conf = &self.site.conf;
        let group = layout::web_group()?;
        layout::make_open(self.site.path.parent().unwrap_or(Path::new("/")))?;
        self.write(|setting| setting.name == MemberName::conf())?;
        if !self.site.path.exists() {
            write_atomic(&self.site.path, conf.to_text().as_bytes(), Access::World)?;
        }
        let stores = self.stores();
        let mut lines = Vec::new();
        for store in stores.values() {
            lines.extend(layout::make(conf, store, group)?);
        }
        self.mark(&stores)?;
        let former = self.former()?;
        self.end_permissions(stores.values().chain(former.as_ref()))?;
        self.write(|setting| setting.name.part() == Part::Key)?;
        self.remove_other_hosts(&stores)?;
        self.write(|setting| setting.name.part() == Part::Allocation)?;
        self.write(|setting| setting.name.part() == Part::Record)?;
        self.write(|setting| matches!(setting.name.part(), Part::History | Part::Setting))?;
        for name in self.staging.publish()? {
            let origin = &self.incoming.manifest.origin;
            let line =
                format!("{name}: published, of the export of {} of {}; its digests fit", origin.node, origin.made);
            media::log("cluster-configure", conf, &line)?;
            lines.push(format!("{name}: published"));
        }
        // Ids of what rules permit follow from the key, so marks of the old one do not fit them.
        let random = files::random()?;
        for store in stores.values().chain(former.as_ref()) {
            end_ruled(store, &SiteKey::new(random), WHY)?;
        }
        if let Some(store) = stores.values().next() {
            store.site_key().replace(random, Some(group))?;
        }
        let active = self.incoming.manifest.origin.active.as_ref();
        let is_active = |setting: &Setting| setting.name.cluster().as_ref() == active;
        self.write(|setting| setting.name.part() == Part::ClusterFile && !is_active(setting))?;
        self.write(|setting| setting.name.part() == Part::ClusterFile && is_active(setting))?;
        if let Some(active) = active {
            activate(conf, active)?;
        }
        self.note();
        Ok(lines)
    }

    fn stores(&self) -> BTreeMap<&ClusterName, Store> {
        let store = |(name, cluster): (&'_ ClusterName, &hps::config::Cluster)| {
            Store::new(Paths::new(self.site.conf.clone(), name.clone()), cluster.clone())
        };
        self.incoming.clusters.iter().map(|(name, cluster)| (name, store((name, cluster)))).collect()
    }

    /// The store of the cluster that is served until now.
    fn former(&self) -> anyhow::Result<Option<Store>> {
        let Some(name) = hps::store::active_name(&self.site.conf)? else { return Ok(None) };
        let paths = Paths::new(self.site.conf.clone(), name.clone());
        // One that cannot be read permits nothing.
        Ok(load_cluster(&self.site.conf, &name).ok().map(|cluster| Store::new(paths, cluster)))
    }

    /// The marks of the archive, and those that follow from its records and from the hosts that only this node has.
    fn mark(&self, stores: &BTreeMap<&ClusterName, Store>) -> anyhow::Result<()> {
        self.write(|setting| setting.name.part() == Part::Mark)?;
        let (hosts, _) = self.incoming.hosts();
        for (cluster, host) in &hosts {
            if let Some(store) = stores.get(cluster) {
                mark(store, host)?;
            }
        }
        for only in &self.difference.only_here {
            if let Some(store) = stores.get(&only.cluster)
                && let Ok(Some(host)) = store.hosts().find(only.mac)
            {
                mark(store, &host)?;
            }
        }
        Ok(())
    }

    /// Ends every permission and window of this node, and forgets the machines that wait.
    fn end_permissions<'s>(&self, stores: impl Iterator<Item = &'s Store>) -> anyhow::Result<()> {
        for store in stores {
            store.ended_marks().require_place()?;
            for window in store.windows().not_closed().unwrap_or_default() {
                store.windows().close(&window.id, WHY)?;
            }
            for mac in store.hosts().known_macs()? {
                let (permissions, _) = store.permissions().unmarked_and_unreadable(mac);
                for permission in permissions {
                    store.permissions().mark_used(&permission, WHY)?;
                }
            }
            store.permissions().remove_all()?;
        }
        for path in &self.difference.pending {
            files::remove(path)?;
        }
        Ok(())
    }

    /// Removes the records that only this node has, and the allocations. Their marks and histories stay.
    fn remove_other_hosts(&self, stores: &BTreeMap<&ClusterName, Store>) -> anyhow::Result<()> {
        for only in &self.difference.only_here {
            if let Some(store) = stores.get(&only.cluster) {
                let path = store.paths.hosts_dir().join(format!("{}.toml", only.mac));
                let _lock = lock(&path)?;
                files::remove(&path)?;
            }
        }
        for name in &self.difference.allocations_only_here {
            files::remove(&place(self.site, &name.parse()?))?;
        }
        Ok(())
    }

    /// Writes the settings that are chosen and differ.
    fn write(&self, is_chosen: impl Fn(&Setting) -> bool) -> anyhow::Result<()> {
        for (index, setting) in self.incoming.settings.iter().enumerate() {
            if !is_chosen(setting) || !self.difference.writes(index) {
                continue;
            }
            let path = place(self.site, &setting.name);
            let folder = path.parent().unwrap_or(Path::new("/"));
            if !folder.is_dir() {
                make_dir(folder, setting.name.folder_mode(), None)?;
            }
            let _lock = if setting.name.part() == Part::Record { Some(lock(&path)?) } else { None };
            if setting.name.part() == Part::Mark {
                // A boot manager may have made it meanwhile.
                let _stays = files::create_atomic(&path, &setting.bytes, setting.name.access())?;
                continue;
            }
            write_atomic(&path, &setting.bytes, setting.name.access())?;
            let is_script = matches!(setting.name.place(), Some((Folder::Scripts, _))) && setting.mode & 0o100 != 0;
            if is_script {
                let mode = fs::Permissions::from_mode(0o755);
                fs::set_permissions(&path, mode).map_err(IoError::during("set the mode of", &path))?;
            }
        }
        Ok(())
    }

    fn note(&self) {
        let origin = &self.incoming.manifest.origin;
        let what =
            format!("imported the site of {} of {}, manifest {}", origin.node, origin.made, self.incoming.digest);
        let conf = &self.site.conf;
        audit::note("cluster-configure", conf, &audit::line("cluster-configure", &what));
        let noted = audit::note_settings(&self.site.path, conf, &audit::who("cluster-configure"), "imported");
        if let Err(error) = noted {
            program::eprint(format_args!("cluster-configure: not in the audit: {error:#}"));
        }
    }
}

/// What the record of a host says of its system and its permission.
fn mark(store: &Store, host: &Host) -> anyhow::Result<()> {
    if host.state() == HostState::Installed {
        store.installed_marks().mark_host(host, program::now())?;
    }
    if let Some(attempt) = host.attempt.as_ref().filter(|_| is_in_installation(host)) {
        store.permissions().mark_used(attempt.permission_ref(), WHY)?;
    }
    Ok(())
}

/// Whether a host was in the middle of an installation.
pub(crate) fn is_in_installation(host: &Host) -> bool {
    host.state() == HostState::Installing
}

/// The command for a host that was in the middle of an installation.
pub(crate) fn describe_in_installation(host: &Host) -> String {
    let name = host.name.as_ref().map_or_else(|| host.mac().colons(), HostName::to_string);
    format!(
        "{name} was being installed; if it runs from its disk: host-state set {name} state=INSTALLED; to install it again: host-state arm {name}"
    )
}

fn lock(path: &Path) -> anyhow::Result<Lock> {
    Lock::wait(&Lock::beside(path), LockKind::Shared, LOCK_TIMEOUT).with_context(|| path.display().to_string())
}
