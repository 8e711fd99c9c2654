// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure rehearse`: the disaster drill. Decision 150 has the reasons.
//!
//! The program starts itself in namespaces of its own by unshare(1). The inside imports the site into memory, starts its services, and
//! asks them as machines do. The outside shows what it found.

mod arguments;
mod machines;
mod media;
mod origin;
mod outside;
mod report;
mod stop;

pub(crate) use arguments::Rehearse;

use super::apply::{Import, describe_in_installation, is_in_installation};
use super::difference::Difference;
use super::import_site::{active_store, edit_active};
use super::incoming::Incoming;
use super::staging::Staging;
use crate::program::{self, Exit, Site};
use crate::reload;
use anyhow::Context as _;
use hps::config::{HpsConf, ServiceManagerSetting};
use hps::exec::{ip, unshare};
use hps::types::one_line;
use machines::Machines;
use origin::Origin;
use report::Report;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use stop::STOP;

/// Rehearses.
///
/// # Errors
/// When it cannot be rehearsed at all.
pub(crate) fn rehearse(site: &Site, arguments: &Rehearse) -> anyhow::Result<Exit> {
    let Some(work) = &arguments.inside else { return outside::run(site, arguments) };
    end_by_signals()?;
    let begun = Instant::now();
    let origin = Origin::new(site, arguments);
    let mut report = Report::new(&origin.describe());
    if let Err(error) = run(work, &origin, arguments, &mut report) {
        report.problems.push(one_line(&*error));
    }
    report.works = report.problems.is_empty();
    report.seconds = begun.elapsed().as_secs();
    program::print_json(&report)?;
    Ok(report.exit())
}

/// The first process of a namespace gets no signal without a handler. When it ends, so does all the rest.
fn end_by_signals() -> anyhow::Result<()> {
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::new(AtomicBool::new(true)))
            .context("a signal handler cannot be set")?;
    }
    Ok(())
}

fn run(work: &Path, origin: &Origin, arguments: &Rehearse, report: &mut Report) -> anyhow::Result<()> {
    unshare::mount_memory(work, STOP)?;
    let mut incoming = origin.read(work)?;
    if !arguments.no_media {
        media::verify(origin, &incoming, report);
    }
    report.made = Some(incoming.manifest.origin.made);
    let (hosts, problems) = incoming.hosts();
    report.hosts = hosts.len();
    report
        .notes
        .extend(hosts.iter().filter(|(_, host)| is_in_installation(host)).map(|(_, h)| describe_in_installation(h)));
    report.problems.extend(problems.into_iter().map(|problem| format!("{problem}; correct it: host-state check")));
    apart(work)?;
    without_outside(&mut incoming, report)?;
    let site = import(work, &mut incoming)?;
    let Some(store) = active_store(&site, &incoming) else {
        anyhow::bail!(
            "no cluster is active, so no machine would be answered; choose one: cluster-configure select NAME"
        );
    };
    media::name_missing(origin, &incoming, report);
    let network = &store.cluster.network;
    ip::make_bridge(&network.interface, network.address)?;
    reload::apply(&site, &store, false, Some(reload::WireLook::default())).context("the services do not start")?;
    Machines { store: &store, incoming: &incoming, sample: arguments.sample }.ask(report)
}

/// Nothing of the machine may be written: neither pid files nor the list of its users.
fn apart(work: &Path) -> anyhow::Result<()> {
    unshare::mount_memory(Path::new("/run"), STOP)?;
    unshare::cover(Path::new("/etc"), &work.join("etc"), STOP)?;
    unshare::mount_sys(STOP)?;
    Ok(())
}

/// What would act outside of the namespaces: the clock is that of the machine, and a notification may be a mail.
fn without_outside(incoming: &mut Incoming, report: &mut Report) -> anyhow::Result<()> {
    let active = incoming.manifest.origin.active.as_ref().and_then(|name| incoming.clusters.get(name));
    let Some(cluster) = active else { return Ok(()) };
    if cluster.time.server {
        report.notes.push("the time server was not rehearsed: a machine has one clock".to_owned());
    }
    if cluster.install.notify.is_some() {
        report.notes.push("install.notify was not rehearsed: nobody should get a message of a drill".to_owned());
    }
    if cluster.web.server {
        report.notes.push("the page was not rehearsed: its certificate may be of another machine".to_owned());
    }
    edit_active(incoming, |cluster| {
        cluster.web.server = false;
        cluster.time.server = false;
        cluster.install.notify = None;
    })
}

/// Imports into memory, by the code of `cluster-configure import`.
fn import(work: &Path, incoming: &mut Incoming) -> anyhow::Result<Site> {
    let base = work.join("node");
    let conf = HpsConf::with_base(&base).map_err(|error| anyhow::anyhow!(error.problem))?;
    let here = Site {
        path: base.join("srv/hps-config/hps.conf"),
        conf: conf.with_service_manager(ServiceManagerSetting::Plain),
    };
    let site = incoming.site(&here, true)?;
    let site = Site { conf: site.conf.with_service_manager(ServiceManagerSetting::Plain), ..site };
    let difference = Difference::look(&site, incoming)?;
    let staging = Staging::nothing();
    Import { site: &site, incoming, difference: &difference, staging: &staging }.apply().context("the import")?;
    Ok(site)
}
