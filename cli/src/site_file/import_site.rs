// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure import FILE`: makes this machine the node of an export.

use super::apply::{Import, describe_in_installation, is_in_installation};
use super::difference::Difference;
use super::import_answer::ImportAnswer;
use super::incoming::{Incoming, Media, Opened, Watched};
use super::source;
use super::staging::{Staging, is_published};
use super::target::stopped;
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use anyhow::Context as _;
use hps::config::{Cluster, HpsConf};
use hps::exec::ip;
use hps::media::how_to_publish;
use hps::store::{Paths, Store};
use hps::types::InterfaceName;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A question with yes or no.
pub(crate) type Ask<'a> = &'a dyn Fn(&str) -> anyhow::Result<bool>;

/// What was typed.
pub(crate) struct ImportOptions<'a> {
    pub(crate) file: &'a Path,
    pub(crate) identity: Option<&'a Path>,
    /// The interface of the active cluster on this machine.
    pub(crate) interface: Option<&'a InterfaceName>,
    /// Whether `--base` names the folders.
    pub(crate) has_base: bool,
    pub(crate) replace: bool,
    pub(crate) activate: bool,
    pub(crate) no_reload: bool,
    pub(crate) dry_run: bool,
    pub(crate) yes: bool,
    pub(crate) json: bool,
    /// Asks a person; `None` if there is none.
    pub(crate) ask: Option<Ask<'a>>,
}

/// Imports the site.
///
/// # Errors
/// What prevents it. Before the question nothing is written; after it, the same command continues.
pub(crate) fn import_site(here: &Site, options: &ImportOptions<'_>) -> anyhow::Result<Exit> {
    let signals = Signals::begin()?;
    let stopped_or = |error| if signals.stop.load(Ordering::Relaxed) { stopped() } else { error };
    let (site, incoming, staging) = read(here, options, &signals.stop).map_err(stopped_or)?;
    let difference = Difference::look(&site, &incoming)?;
    let problems = problems(&site, &incoming, &staging, options.has_base)?;
    let answer = ImportAnswer::new(options.file, &incoming, &difference, &staging, &problems, options.dry_run);
    let is_needed = difference.is_needed() || !staging.new_names().is_empty();
    if !options.json {
        answer.show()?;
    }
    difference.refuse(options.replace, options.activate)?;
    let store = active_store(&site, &incoming);
    let heard = match store.as_ref().filter(|_| !options.no_reload) {
        Some(store) => {
            check_interface(&store.cluster)?;
            reload::check(&site, store)?
        }
        None => reload::WireLook::default(),
    };
    if options.dry_run {
        if options.json {
            answer.print_json()?;
        }
        return Ok(if is_needed { Exit::WouldChange } else { Exit::Done });
    }
    if is_needed && !options.yes {
        agree(options, &staging, &signals)?;
    }
    // From here on a signal ends the program at once: the same command continues.
    signals.end_at_once();
    let lock = reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?;
    let exit = write(&site, &incoming, &staging, options, store.as_ref().zip(Some(heard)))?;
    drop(lock);
    if options.json {
        answer.print_json()?;
    }
    Ok(exit)
}

/// Reads the whole archive, and compares it with its digests.
fn read(here: &Site, options: &ImportOptions<'_>, stop: &AtomicBool) -> anyhow::Result<(Site, Incoming, Staging)> {
    let source = source::open(options.file, options.identity)?;
    let mut archive = tar::Archive::new(Watched::new(source, stop));
    let mut opened = Opened::read(options.file, &mut archive)?;
    let site = opened.incoming.site(here, options.has_base)?;
    program::check_folders(&site.conf)?;
    if let Some(interface) = options.interface {
        set_interface(&mut opened.incoming, interface)?;
    }
    let mut staging = Staging::plan(&site, &opened.incoming.manifest)?;
    let incoming = if options.dry_run {
        opened.finish(Media::Compared)?
    } else {
        // A registry that is not replaced anyway is refused before gigabytes are unpacked.
        let difference = Difference::look(&site, &opened.incoming)?;
        difference.refuse(options.replace, options.activate)?;
        if !options.yes && options.ask.is_none() && (difference.is_needed() || !staging.new_names().is_empty()) {
            return Err(program::needs_yes());
        }
        staging.begin(&opened.incoming.manifest)?;
        opened.finish(Media::Staged(&mut staging))?
    };
    staging.verify(stop)?;
    Ok((site, incoming, staging))
}

fn write(
    site: &Site,
    incoming: &Incoming,
    staging: &Staging,
    options: &ImportOptions<'_>,
    served: Option<(&Store, reload::WireLook)>,
) -> anyhow::Result<Exit> {
    // Somebody may have changed something while a person read the question.
    let difference = Difference::look(site, incoming)?;
    difference.refuse(options.replace, options.activate)?;
    if difference.is_needed() || !staging.new_names().is_empty() {
        let import = Import { site, incoming, difference: &difference, staging };
        let lines = import.apply().context("not complete; the same command continues")?;
        lines.iter().for_each(|line| program::eprint_progress("cluster-configure", line));
    }
    let Some((store, heard)) = served.filter(|_| !options.no_reload) else {
        let problems = reload::repair_permissions(site).problems;
        problems.iter().for_each(|line| program::eprint(format_args!("cluster-configure: {line}")));
        return Ok(if problems.is_empty() { Exit::Done } else { Exit::Failed });
    };
    let exit = reload::apply(site, store, false, Some(heard));
    exit.context("the site is imported, but its services do not run; correct this, then: reload")
}

fn agree(options: &ImportOptions<'_>, staging: &Staging, signals: &Signals) -> anyhow::Result<()> {
    let Some(ask) = options.ask else { return Err(program::needs_yes()) };
    // A person who thinks must be able to end it.
    signals.remove_and_end(staging.hidden());
    if ask("import this site")? {
        return Ok(());
    }
    Err(Ended::error(Exit::Failed, "nothing was changed"))
}

/// The active cluster of the archive.
pub(super) fn active_store(site: &Site, incoming: &Incoming) -> Option<Store> {
    let name = incoming.manifest.origin.active.as_ref()?;
    let cluster = incoming.clusters.get(name)?;
    Some(Store::new(Paths::new(site.conf.clone(), name.clone()), cluster.clone()))
}

/// Gives the active cluster another interface.
fn set_interface(incoming: &mut Incoming, interface: &InterfaceName) -> anyhow::Result<()> {
    if incoming.manifest.origin.active.is_none() {
        return Err(Ended::error(Exit::Usage, "--interface: the file has no active cluster"));
    }
    edit_active(incoming, |cluster| cluster.network.interface = interface.clone())
}

/// Changes the file of the active cluster.
pub(super) fn edit_active(incoming: &mut Incoming, edit: impl Fn(&mut Cluster)) -> anyhow::Result<()> {
    let Some(name) = incoming.manifest.origin.active.clone() else { return Ok(()) };
    let file = format!("clusters/{name}.cluster");
    let setting = incoming.settings.iter_mut().find(|setting| setting.name.as_str() == file);
    if let (Some(cluster), Some(setting)) = (incoming.clusters.get_mut(&name), setting) {
        edit(cluster);
        let text = std::str::from_utf8(&setting.bytes).context("the cluster file")?;
        setting.bytes = cluster.edit_text(text).with_context(|| file.clone())?.into_bytes();
    }
    Ok(())
}

/// The interface is the one thing that another machine often calls otherwise.
fn check_interface(cluster: &Cluster) -> anyhow::Result<()> {
    let there = ip::interfaces()?;
    let wanted = &cluster.network.interface;
    if there.iter().any(|interface| interface.name == *wanted) {
        return Ok(());
    }
    let names: Vec<&str> = there.iter().map(|i| i.name.as_str()).filter(|name| *name != "lo").collect();
    let line = format!(
        "interface {wanted} of cluster {} is not on this machine, which has {}; nothing was changed; to use another one: --interface NAME",
        cluster.name,
        names.join(", ")
    );
    Err(Ended::error(Exit::NotFound, line))
}

/// What a person has to do beside the import.
fn problems(site: &Site, incoming: &Incoming, staging: &Staging, has_base: bool) -> anyhow::Result<Vec<String>> {
    let (hosts, mut lines) = incoming.hosts();
    lines.extend(hosts.iter().filter(|(_, host)| is_in_installation(host)).map(|(_, h)| describe_in_installation(h)));
    if !has_base {
        lines.extend(other_folders(site));
    }
    for name in &staging.other {
        lines.push(format!("{name} is another one here; it stays; to take that of the file, remove this one first"));
    }
    let new = staging.new_names();
    let mut missing = std::collections::BTreeSet::new();
    for settings in incoming.clusters.values().flat_map(|cluster| cluster.types.values()) {
        let distro = &settings.distro;
        let comes = new.iter().any(|name| name.contains(distro.as_str()));
        if !comes && !is_published(site, distro)? {
            missing.insert(distro);
        }
    }
    for distro in missing {
        lines.push(format!(
            "{distro} is neither here nor in the file; installed machines do not need it; to install others: {}, or an export with --media",
            how_to_publish(distro)
        ));
    }
    Ok(lines)
}

/// On a new machine: the folders of `hps.conf` that are not the default ones. Files of the archive are written there.
fn other_folders(site: &Site) -> Vec<String> {
    let Ok(default) = HpsConf::with_base(Path::new("/")) else { return Vec::new() };
    if site.path.exists() {
        return Vec::new();
    }
    let others = site.conf.dirs().filter(|(dir, path)| default.dir(*dir) != *path);
    others.map(|(_, path)| format!("hps.conf of the file has a folder of its own: {}", path.display())).collect()
}

/// What Ctrl-C and SIGTERM do, by the part of an import.
struct Signals {
    /// Set by the first signal.
    stop: Arc<AtomicBool>,
    at_once: Arc<AtomicBool>,
}

impl Signals {
    fn begin() -> anyhow::Result<Self> {
        let at_once = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&at_once))
                .context("a signal handler cannot be set")?;
        }
        Ok(Self { stop: program::interrupted()?, at_once })
    }

    fn end_at_once(&self) {
        self.at_once.store(true, Ordering::SeqCst);
    }

    /// Watches for a signal beside a question. The hidden folders are removed first.
    fn remove_and_end(&self, hidden: Vec<PathBuf>) {
        let (stop, at_once) = (Arc::clone(&self.stop), Arc::clone(&self.at_once));
        std::thread::spawn(move || {
            while !at_once.load(Ordering::SeqCst) {
                if stop.load(Ordering::Relaxed) {
                    for folder in &hidden {
                        // `reload` removes what stays.
                        let _removed = std::fs::remove_dir_all(folder);
                    }
                    program::eprint("");
                    program::eprint("cluster-configure: stopped; nothing was changed");
                    std::process::exit(i32::from(Exit::Failed.code()));
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
    }
}
