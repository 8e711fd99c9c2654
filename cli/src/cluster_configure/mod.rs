// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure`: makes the folders and `hps.conf` where they are missing, writes a cluster file, makes the cluster
//! the active one, and runs `reload`.

mod answer;
mod answer_file;
mod arguments;
mod back;
mod choices;
mod cluster_source;
mod commands;
mod conversation;
mod draft;
mod edit;
mod flags;
mod fragments;
mod import_arguments;
mod import_export;
mod import_shell;
mod intent;
mod keys;
mod list;
mod long_names;
mod machine;
mod networks_before;
mod next_steps;
mod notes_shown;
mod nothing_written;
mod plan;
mod question;
mod remove;
mod rename;
mod renumber;
mod run;
mod script;
mod session;
mod shell_site;
mod site;
mod storage_count;
mod summary;
mod switch;
mod used_types;
mod values;

pub use arguments::Arguments;

use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use crate::site_file;
use cluster_source::{ClusterSource, Start};
use commands::Command;
use conversation::{Conversation, Decision};
use fragments::Fragments;
use intent::Intent;
use run::Run;
use session::Session;

/// Runs the program.
///
/// # Errors
/// What prevents the run, a line for each mistake of a file.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if !arguments.command.as_ref().map_or(arguments.dry_run, Command::only_reads) {
        program::need_root()?;
    }
    let site = site::site(&arguments)?;
    if let Some(command) = &arguments.command {
        return run_command(command, &site, arguments.base.is_some());
    }
    let intent = Intent::from_flags(&arguments);
    let by_script = arguments.answers.is_some();
    let by_person = !by_script && program::can_ask();
    let mut start = Start::new(&arguments, &site.conf, by_script || by_person)?;
    start.draft.must_be_there = !intent.no_reload;
    start.draft.check_types(&start.draft.plan).map_err(|unknown| Ended::error(Exit::Usage, unknown))?;
    let fragments = Fragments::find(&site, arguments.dry_run)?;
    if !start.may_ask || !(by_script || by_person) {
        let source = start.source(&start.draft, &fragments, &site.conf)?;
        return finish(arguments.dry_run, &site, &source, intent, None);
    }
    let mut session = Session::new(start.draft.clone());
    if by_script {
        script::read_answers(&mut session, &site.conf, !arguments.yes && !arguments.dry_run)?;
    } else if session.question().is_some() {
        return with_person(&arguments, &site, &start, &fragments, session);
    }
    let source = start.source(&session.draft, &fragments, &site.conf)?;
    finish(arguments.dry_run, &site, &source, intent, None)
}

fn run_command(command: &Command, site: &Site, has_base: bool) -> anyhow::Result<Exit> {
    match command {
        Command::List { json } => list::list(&site.conf, *json),
        Command::Show { name, json } => list::show(&site.conf, name.as_ref(), *json),
        Command::Select { name, no_reload, dry_run } => {
            list::named_or_active(&site.conf, Some(name))?;
            let source = ClusterSource::existing(&site.conf, name)?;
            let intent = Intent { activate: true, only_prepare: false, no_reload: *no_reload, renumber: false };
            finish(*dry_run, site, &source, intent, None)
        }
        Command::Rename { from, to, no_reload, dry_run } => rename::rename(site, from, to, *dry_run, *no_reload),
        Command::Remove { name, with_hosts, dry_run } => remove::remove(site, name, *with_hosts, *dry_run),
        Command::Import(import) if !import.folder.is_file() => import_shell::import(site, import),
        Command::Import(import) => import_export::import(site, import, has_base),
        Command::Export(export) => site_file::export(site, export),
        Command::Rehearse(arguments) => site_file::rehearse(site, arguments),
        Command::Edit { name, dry_run } => edit::edit(site, name.as_ref(), *dry_run),
    }
}

/// Asks, shows a summary, and asks once whether to write.
fn with_person(
    arguments: &Arguments,
    site: &Site,
    start: &Start,
    fragments: &Fragments,
    session: Session,
) -> anyhow::Result<Exit> {
    let intent = Intent::from_flags(arguments);
    let mut conversation = Conversation::begin(&site.conf, session, !intent.no_reload)?;
    loop {
        let source = conversation.run(|session| start.source(&session.draft, fragments, &site.conf))?;
        if arguments.dry_run || arguments.yes {
            drop(conversation);
            return finish(arguments.dry_run, site, &source, intent, None);
        }
        // Its answers must not be lost if something else is wrong.
        let command = conversation.session.draft.plan.command();
        let keep = |error: anyhow::Error| {
            program::eprint("");
            program::eprint(format_args!("the same answers as a command: {command}"));
            error
        };
        let run = Run::plan(site, &source, intent).map_err(keep)?;
        run.summarise()?;
        run.renumber.may_be(true, false).map_err(keep)?;
        let heard = run.check().map_err(keep)?;
        match conversation.decide(run.other().filter(|_| !arguments.activate))? {
            Decision::Back => {
                conversation.session.back();
            }
            Decision::Yes => {
                drop(conversation);
                let agreed = Intent { activate: true, renumber: true, ..intent };
                return finish(arguments.dry_run, site, &source, agreed, Some(heard)).map_err(keep);
            }
            Decision::Prepare => {
                drop(conversation);
                let agreed = Intent { only_prepare: true, no_reload: true, renumber: true, ..intent };
                return finish(arguments.dry_run, site, &source, agreed, None).map_err(keep);
            }
        }
    }
}

/// Writes what is decided, or shows it.
fn finish(
    dry_run: bool,
    site: &Site,
    source: &ClusterSource,
    intent: Intent,
    heard: Option<reload::WireLook>,
) -> anyhow::Result<Exit> {
    if dry_run {
        let run = Run::plan(site, source, intent)?;
        let exit = run.show()?;
        run.refuse_renumbering(false)?;
        run.refuse_switch(false)?;
        return Ok(exit);
    }
    // Asked before the lock is held: a person takes time.
    Run::plan(site, source, intent)?.refuse_switch(true)?;
    let _lock = reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?;
    let run = Run::plan(site, source, intent)?;
    if heard.is_none() {
        run.show_hosts()?;
    }
    run.refuse_renumbering(true)?;
    run.write(heard)
}
