// SPDX-License-Identifier: GPL-3.0-or-later
//! `init` and `boot_action`: a machine is told what to do. The decision itself is `crate::boot::decide`'s.

use crate::boot::token::{Purpose, mint};
use crate::boot::{Decision, Install};
use crate::config::Enrolment;
use crate::host::HostState;
use crate::manager::Method;
use crate::manager::context::{Context, Failure, without_paths};
use crate::manager::response::{Problem, Response};
use crate::render::scripts;
use crate::situation::Situation;
use crate::store::{Store, StoreError};
use crate::types::{Lifetime, Line, Timestamp, Token};

/// Tickets expire at a full hour, so that a script stays the same when it is asked for again. A slow machine fetches kernel and
/// initrd first: a ticket lives for one hour at least. It also dies when the installer reports.
pub(super) const TICKET_LIFETIME: Lifetime = Lifetime::HOUR;

/// How often what a machine says of itself is taken up at most.
const CLAIMS_SECONDS: u64 = 60;

/// `cmd=init`.
pub(crate) fn init(context: &Context<'_>) -> Result<Response, Failure> {
    Ok(Response::script(scripts::init(&context.store.cluster), None))
}

/// `cmd=boot_action`. It moves no state: machines ask several times in one boot, and anybody can ask.
pub(crate) fn boot_action(context: &Context<'_>) -> Result<Response, Failure> {
    let mut situation = context.situation(context.mac()?);
    if context.request.method == Method::Head {
        return Ok(told(context, &situation, situation.decide(&context.store, context.now)));
    }
    // Nothing of it is needed for the decision: a full disk or a held lock keeps no machine from its disk.
    match remember(context, &situation) {
        Ok(true) => situation = context.situation(situation.interface),
        Ok(false) => {}
        Err(failure) => context.complaints.add(&failure.why),
    }
    Ok(tell(context, &situation))
}

/// Keeps what is worth finding again: a machine at the menu gets a record, one that waits a line in the list of those, and a
/// known one what its firmware says. One that only claims a MAC leaves nothing behind. Whether the record changed.
fn remember(context: &Context<'_>, situation: &Situation) -> Result<bool, Failure> {
    let store = &context.store;
    if !situation.identity.is_proven() {
        return Ok(false);
    }
    let mac = situation.mac;
    match &situation.host {
        Ok(None) if store.cluster.install.enrolment == Enrolment::Menu && has_room(context) => {
            let created = store.create_host(mac, &context.who(), context.now)?;
            note_claims(context, situation)?;
            Ok(created)
        }
        Ok(None) => {
            // A list that is full stops no machine.
            if let Err(error) = store.note_pending(mac, context.request.remote, &context.claims, context.now) {
                context.complaints.add(&error.to_string());
            }
            Ok(false)
        }
        Ok(Some(host)) if host.claims != context.claims => note_claims(context, situation),
        Ok(Some(_)) | Err(_) => Ok(false),
    }
}

/// Whether one more record may be made of what a request says. Where not, the machine stays unknown.
fn has_room(context: &Context<'_>) -> bool {
    context.store.has_room_for_requests().unwrap_or_else(|error| {
        context.complaints.add(&error.to_string());
        false
    })
}

fn note_claims(context: &Context<'_>, situation: &Situation) -> Result<bool, Failure> {
    let claims = &context.claims;
    if claims.is_empty() {
        return Ok(false);
    }
    context.store.change_host(situation.mac, &context.who(), context.now, |host| {
        // A machine that says something else at every request must not fill the disk with its history.
        let just_now = !host.claims.is_empty() && context.now.since(host.updated) < CLAIMS_SECONDS;
        // What it said before its installation began stays until that is over: the first word counts.
        let being_installed = !host.claims.is_empty() && host.state() == HostState::Installing;
        if host.claims == *claims || just_now || being_installed {
            return Ok::<_, StoreError>(None);
        }
        host.claims = claims.clone();
        Ok(Some((Line::lossy("firmware says"), Some(Line::lossy(&claims.in_words())))))
    })?;
    Ok(true)
}

/// The script for a situation, with a line in the log of a host that is known.
pub(super) fn tell(context: &Context<'_>, situation: &Situation) -> Response {
    for trouble in &situation.troubles {
        context.complaints.add(trouble);
    }
    let decision = situation.decide(&context.store, context.now);
    if let Decision::Stop(why) = &decision {
        context.complaints.add(why.as_str());
    }
    if let Some(host) = situation.known() {
        let name = host.name.as_ref().map(|n| n.as_str());
        let claims = context.claims.in_words();
        let claims = if claims.is_empty() { String::new() } else { format!(" ({claims})") };
        context.log(situation.mac, name, &format!("boot: {}{claims}", in_words(&decision)));
    }
    told(context, situation, decision)
}

/// The answer with the script, which nothing is written for.
fn told(context: &Context<'_>, situation: &Situation, decision: Decision) -> Response {
    let told = script(&context.store, situation, decision, context.now);
    if let Some(failure) = &told.failure {
        context.complaints.add(&failure.why);
    }
    let problem = told.failure.map(|f| f.problem).or(told.stopped.then_some(Problem::NotAble));
    Response::script(told.text, problem)
}

/// A decision as its machine is told it.
pub(crate) struct Told {
    /// The script.
    pub(crate) text: String,
    /// Whether it stops the machine until somebody mends what it names.
    pub(crate) stopped: bool,
    /// Why it is not what was decided, where that is so.
    pub(crate) failure: Option<Failure>,
}

/// The very bytes. Changes nothing, so `host-state render` asks it too.
pub(crate) fn script(store: &Store, situation: &Situation, decision: Decision, now: Timestamp) -> Told {
    let scene = situation.scene(store);
    match &decision {
        Decision::Install(install) => match ticket(store, situation, install, now) {
            Ok(ticket) => {
                let stopped = scripts::check_installer(scene, install, &ticket).is_err();
                Told { text: scripts::decision(scene, &decision, Some(&ticket)), stopped, failure: None }
            }
            Err(failure) => {
                let why = "the site key of the provisioning node cannot be read; see the log of its web server";
                let stop = Decision::Stop(Line::lossy(why));
                Told { text: scripts::decision(scene, &stop, None), stopped: true, failure: Some(failure) }
            }
        },
        Decision::Stop(why) => {
            let stop = Decision::Stop(Line::lossy(&without_paths(why.as_str())));
            Told { text: scripts::decision(scene, &stop, None), stopped: true, failure: None }
        }
        other => Told { text: scripts::decision(scene, other, None), stopped: false, failure: None },
    }
}

fn ticket(store: &Store, situation: &Situation, install: &Install, now: Timestamp) -> Result<Token, Failure> {
    let key = store.paths.read_site_key()?;
    let expires = now.plus(TICKET_LIFETIME).next_full_hour();
    let purpose = Purpose::Ticket(&install.permission.id);
    Ok(mint(&key, purpose, &store.cluster.name, situation.mac, install.attempt, expires))
}

/// What the log of a host says of it.
pub(crate) fn in_words(decision: &Decision) -> String {
    match decision {
        Decision::Install(install) => {
            format!("installer of {}, {}", install.permission.distro, install.attempt_in_words())
        }
        Decision::Enrol(by) => format!("{by} permits it; it asks for address and name"),
        Decision::LocalBoot(None) => "local disk".to_owned(),
        Decision::LocalBoot(Some(why)) => format!("local disk: {why}"),
        Decision::Menu(..) => "menu".to_owned(),
        Decision::Wait => "waits, nothing is permitted".to_owned(),
        Decision::GiveUp { attempts } => format!("gives up after {attempts} attempts"),
        Decision::Stop(why) => format!("stops: {why}"),
    }
}
