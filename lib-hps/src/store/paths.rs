// SPDX-License-Identifier: GPL-3.0-or-later
//! What every file is called. All paths are made here, from types, under the folders that `hps.conf` names.

use super::allocations::AllocationKind;
use super::audit::Audit;
use super::entry_kind::EntryKind;
use super::record_file::RecordFile;
use super::records::Key;
use crate::config::{Dir, HpsConf};
use crate::files::Access;
use crate::host::PermissionId;
use crate::types::{ClusterName, HostName, MacAddr};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// Folders of a cluster that the web server's user writes.
pub(super) const SHARED_DIRS: [&str; 9] = [
    "hosts",
    "history",
    "menu-permissions",
    "refusals",
    "pending",
    "notices",
    "hardware",
    "task-reports",
    "erase-protocols",
];
/// Where older versions kept the marks that are in the folder of state now.
pub(super) const OLD_SPENT: &str = "spent";
/// The same, in `claims`.
pub(super) const CLAIM_DIRS: [&str; 4] = ["address", "name", "mac", "marks"];

/// The paths of one cluster.
#[derive(Debug, Clone)]
pub struct Paths {
    conf: HpsConf,
    cluster: ClusterName,
}

impl Paths {
    /// The paths of `cluster` under `conf`.
    pub fn new(conf: HpsConf, cluster: ClusterName) -> Self {
        Self { conf, cluster }
    }

    /// The cluster.
    pub fn cluster(&self) -> &ClusterName {
        &self.cluster
    }

    /// The settings they come from.
    pub fn conf(&self) -> &HpsConf {
        &self.conf
    }

    /// `clusters/<name>`, the state of the cluster.
    pub fn cluster_dir(&self) -> PathBuf {
        self.conf.dir(Dir::Clusters).join(self.cluster.as_str())
    }

    /// `clusters/<name>.cluster`, what the site says about it.
    pub fn cluster_file(&self) -> PathBuf {
        super::clusters::cluster_file(&self.conf, &self.cluster)
    }

    /// `clusters/<name>/former.cluster`, the cluster file of before, while hosts are renumbered.
    pub fn former_cluster_file(&self) -> PathBuf {
        super::clusters::former_cluster_file(&self.conf, &self.cluster)
    }

    /// Folders that lighttpd's user writes, with setgid: records, history, claims, marks. None of them holds a folder, and those
    /// above them are root's; see [`Paths::make_shared`].
    pub fn shared_dirs(&self) -> Vec<PathBuf> {
        let cluster = self.cluster_dir();
        let claims = self.claims_root();
        let mut dirs: Vec<PathBuf> = SHARED_DIRS.iter().map(|name| cluster.join(name)).collect();
        dirs.extend(CLAIM_DIRS.iter().map(|name| claims.join(name)));
        dirs.push(self.ever_installed_dir());
        dirs.push(self.spent_dir());
        dirs.push(self.host_log_dir());
        dirs.push(Audit::new(&self.conf).dir());
        dirs.push(self.web_log_dir());
        dirs
    }

    /// The folder of the web server's logs and of the boot manager's words; lighttpd opens them as its user.
    pub fn web_log_dir(&self) -> PathBuf {
        self.conf.dir(Dir::Log).join("web")
    }

    /// The log of dnsmasq.
    pub fn dnsmasq_log(&self) -> PathBuf {
        self.conf.dir(Dir::Log).join("dnsmasq.log")
    }

    /// The folder of records.
    pub fn hosts_dir(&self) -> PathBuf {
        self.cluster_dir().join("hosts")
    }

    /// The record of a host.
    pub fn host(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::host(mac))
    }

    /// The history of a host.
    pub fn history(&self, mac: MacAddr) -> PathBuf {
        self.history_dir().join(format!("{mac}.jsonl"))
    }

    /// The folder of histories.
    pub(super) fn history_dir(&self) -> PathBuf {
        self.cluster_dir().join("history")
    }

    /// The claims of one kind of value.
    pub fn claims_dir(&self, kind: AllocationKind) -> PathBuf {
        self.claims_root().join(kind.as_str())
    }

    /// The claim of one further MAC of a host; it holds the MAC that names the record.
    pub fn mac_claim(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::further_mac(mac))
    }

    /// The claims of addresses.
    pub fn address_claims_dir(&self) -> PathBuf {
        self.claims_dir(AllocationKind::Address)
    }

    /// The claim of an address; it holds a MAC.
    pub fn address_claim(&self, address: Ipv4Addr) -> RecordFile {
        self.record(&Key::address(address))
    }

    /// The claim of a name; it holds a MAC.
    pub fn name_claim(&self, name: &HostName) -> RecordFile {
        self.record(&Key::host_name(name))
    }

    /// The folder of the folders of claims; only root writes it.
    pub(super) fn claims_root(&self) -> PathBuf {
        self.cluster_dir().join("claims")
    }

    /// The folder of locks that everybody may take and only root may make.
    pub(super) fn locks_dir(&self) -> PathBuf {
        self.cluster_dir().join("locks")
    }

    /// The lock under which claims and records are made.
    pub(super) fn allocation_lock(&self) -> PathBuf {
        self.locks_dir().join("allocation.lock")
    }

    /// The folder of permissions that only root writes.
    pub fn permissions_dir(&self) -> PathBuf {
        self.cluster_dir().join("permissions")
    }

    /// A permission given by an operator.
    pub fn permission(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::permission(mac))
    }

    /// The folder of site profiles, which only root writes.
    pub fn site_profiles_dir(&self) -> PathBuf {
        self.cluster_dir().join("profiles")
    }

    /// The folder with how each host is switched, which only root reads and writes.
    pub fn power_controls_dir(&self) -> PathBuf {
        self.cluster_dir().join("bmc")
    }

    /// How a host is switched.
    pub fn power_control(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::power_control(mac))
    }

    /// The folder of the users and passwords of BMCs, which only root reads and writes.
    pub fn bmc_credentials_dir(&self) -> PathBuf {
        self.conf.dir(Dir::State).join("bmc-credentials")
    }

    /// The folder of windows, which only root writes.
    pub fn windows_dir(&self) -> PathBuf {
        self.permissions_dir().join("windows")
    }

    /// A window.
    pub fn window(&self, id: &PermissionId) -> RecordFile {
        self.record(&Key::window(id))
    }

    /// The mark that the cluster has had a storage host.
    pub fn first_storage(&self) -> RecordFile {
        self.record(&Key::first_storage_host())
    }

    /// How many requests with a bad ticket or token a host has met.
    pub fn refusals(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::refusals(mac))
    }

    /// The folder of machines that asked and are not known.
    pub fn pending_dir(&self) -> PathBuf {
        self.cluster_dir().join("pending")
    }

    /// The folder of hardware records.
    pub fn hardware_dir(&self) -> PathBuf {
        self.cluster_dir().join("hardware")
    }

    /// The hardware record of a machine.
    pub fn hardware(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::hardware(mac))
    }

    /// The folder of tasks that operators asked for, which only root writes.
    pub fn tasks_dir(&self) -> PathBuf {
        self.cluster_dir().join("tasks")
    }

    /// A task that an operator asked for.
    pub fn task(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::task(mac))
    }

    /// The folder of discovery windows, which only root writes.
    pub fn discovery_windows_dir(&self) -> PathBuf {
        self.tasks_dir().join("windows")
    }

    /// The folder of what machines reported about their tasks.
    pub fn task_reports_dir(&self) -> PathBuf {
        self.cluster_dir().join("task-reports")
    }

    /// What a machine reported about its tasks.
    pub fn task_reports(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::task_reports(mac))
    }

    /// What is known of a machine that is not known.
    pub fn pending(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::pending(mac))
    }

    /// The folder of permissions given at the console.
    pub fn menu_permissions_dir(&self) -> PathBuf {
        self.cluster_dir().join("menu-permissions")
    }

    /// The folder of marks that permissions and windows ended. It is outside of the clusters: an old copy of `clusters/` that is
    /// put back must not bring a permission back to life. Ids are unique in a site.
    pub fn spent_dir(&self) -> PathBuf {
        self.conf.dir(Dir::State).join("spent")
    }

    /// Where older versions kept them.
    pub(super) fn old_spent_dir(&self) -> PathBuf {
        self.cluster_dir().join(OLD_SPENT)
    }

    /// A permission given at the console.
    pub fn menu_permission(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::menu_permission(mac))
    }

    /// The mark that a permission or a window ended.
    pub fn spent(&self, id: &PermissionId) -> RecordFile {
        self.record(&Key::ended_mark(id))
    }

    /// The mark of an older version.
    pub fn old_spent(&self, id: &PermissionId) -> RecordFile {
        self.record(&Key::old_ended_mark(id))
    }

    /// The folder of marks that machines were ever installed.
    pub fn ever_installed_dir(&self) -> PathBuf {
        self.conf.dir(Dir::State).join("ever-installed")
    }

    /// The mark that a machine was ever installed, in any cluster.
    pub fn ever_installed(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::installed_mark(mac))
    }

    /// The site key.
    pub fn site_key(&self) -> PathBuf {
        self.conf.dir(Dir::State).join("site.key")
    }

    /// The certificate of the page with its key, if the cluster file names none. Only root reads it.
    pub fn web_certificate(&self) -> PathBuf {
        self.conf.dir(Dir::State).join("web.pem")
    }

    /// Who may log in to the page, with the hashes of the passwords.
    pub fn web_users(&self) -> PathBuf {
        self.conf.dir(Dir::State).join("web-users")
    }

    /// The folder of the tokens for changes over the API, which only root reads and writes.
    pub fn web_tokens_dir(&self) -> PathBuf {
        self.conf.dir(Dir::State).join("web-tokens")
    }

    /// dnsmasq's lease file.
    pub fn leases(&self) -> PathBuf {
        self.conf.dir(Dir::State).join("dnsmasq.leases")
    }

    /// The folder that dnsmasq watches for entries of this kind.
    pub fn host_entries_dir(&self, kind: EntryKind) -> PathBuf {
        let name = match kind {
            EntryKind::Reservation => "dhcp-hosts",
            EntryKind::Names => "dns-hosts",
        };
        self.conf.dir(Dir::Services).join(format!("{name}.{}", self.cluster))
    }

    /// The folders of all kinds.
    pub fn host_entries_dirs(&self) -> [PathBuf; 2] {
        EntryKind::ALL.map(|kind| self.host_entries_dir(kind))
    }

    /// The entry of a host.
    pub fn host_entry(&self, kind: EntryKind, mac: MacAddr) -> PathBuf {
        self.host_entries_dir(kind).join(mac.to_string())
    }

    /// Which cards DHCP sends to the shim of an installation tree.
    pub fn host_shims(&self) -> PathBuf {
        self.conf.dir(Dir::Services).join(format!("host-shims.{}", self.cluster))
    }

    /// The folder of hosts' logs.
    pub fn host_log_dir(&self) -> PathBuf {
        self.conf.dir(Dir::Log).join("hosts")
    }

    /// The log of a host: a line for each message and request.
    pub fn host_log(&self, mac: MacAddr) -> PathBuf {
        self.host_log_dir().join(format!("{mac}.log"))
    }

    /// The folder of the records of consoles. Only root enters it.
    pub fn console_log_dir(&self) -> PathBuf {
        self.conf.dir(Dir::Log).join("consoles")
    }

    /// The record of the console of a host.
    pub fn console_log(&self, mac: MacAddr) -> PathBuf {
        self.console_log_dir().join(format!("{mac}.log"))
    }

    /// The folder of the locks of consoles: which process has one.
    pub fn console_locks_dir(&self) -> PathBuf {
        self.conf.dir(Dir::Run).join("consoles")
    }

    /// The installer's own log of an attempt.
    pub fn install_log(&self, mac: MacAddr, attempt: u32) -> PathBuf {
        self.host_log_dir().join(format!("{mac}.install-{attempt}.log"))
    }

    /// The folder of notifications that wait for the site's command.
    pub fn notices_dir(&self) -> PathBuf {
        self.cluster_dir().join("notices")
    }

    /// A notice, by the name that the store gave it.
    pub(super) fn notification(&self, name: &str) -> RecordFile {
        RecordFile { path: self.notices_dir().join(name), access: Access::Group }
    }

    /// Where published trees and images lie.
    pub fn distros(&self) -> &Path {
        self.conf.dir(Dir::Distros)
    }

    /// Where repositories of local packages lie.
    pub fn packages(&self) -> &Path {
        self.conf.dir(Dir::Packages)
    }
}
