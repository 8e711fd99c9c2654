// SPDX-License-Identifier: GPL-3.0-or-later
//! `event` and `log`: what an installer reports, with the token of its attempt.

use crate::boot::token::{Purpose, TokenSubject, is_genuine};
use crate::host::{Attempt, Host, HostState, MAX_DISKS};
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::request::Body;
use crate::manager::response::{Problem, Response};
use crate::store::StoreError;
use crate::types::{DiskName, HostKey, Line, MacAddr, Stage, Token};

/// How long after its last report an installer may still send its log.
const LOG_SECONDS: u64 = 600;

/// `cmd=event`. It may come again after a lost reply, and then changes nothing.
pub(crate) fn event(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let mac = context.mac()?;
    let host = host_with_token(context, mac)?;
    let stage: Stage = context.parameter("stage")?.parse()?;
    let text = context.request.parameter("message").unwrap_or_default();
    // For the disks, the plan says more than their serials alone.
    let plan = context.request.parameter("plan").filter(|_| stage == Stage::Disks);
    let message = Line::lossy(plan.unwrap_or(text));
    let disks: Vec<DiskName> = match stage {
        // The whole list, because a line might cut it: half a serial names another disk.
        Stage::Disks => text.split(',').map(str::parse).collect::<Result<_, _>>()?,
        _ => Vec::new(),
    };
    if disks.len() > MAX_DISKS {
        return Err(Failure::new(Problem::Malformed, format!("{} disks in one report", disks.len())));
    }
    let key = context.request.parameter("host_key").filter(|_| stage == Stage::Configured);
    let host_key = key.map(str::parse).transpose()?;
    record(context, &host, &Report { stage, message: &message, disks: &disks, host_key })?;
    Ok(Response::done("ok", context.request.json))
}

/// A step of an installation, as it was reported.
pub(super) struct Report<'a> {
    pub(super) stage: Stage,
    pub(super) message: &'a Line,
    pub(super) disks: &'a [DiskName],
    pub(super) host_key: Option<HostKey>,
}

impl<'a> Report<'a> {
    /// A step with only a stage and a message.
    pub(super) fn new(stage: Stage, message: &'a Line) -> Self {
        Self { stage, message, disks: &[], host_key: None }
    }
}

/// Puts a step into the record and the log. `host` is the record that the sender was checked against.
pub(super) fn record(context: &RequestContext<'_>, host: &Host, report: &Report<'_>) -> Result<(), Failure> {
    let Report { stage, message, disks, host_key } = report;
    let stage = *stage;
    let over = || Failure::refused("the token of an attempt that is over");
    let checked = attempt_of(host)?;
    let is_the_same =
        |host: &Host| host.attempt.as_ref().is_some_and(|a| (a.number, a.since) == (checked.number, checked.since));
    // Held over marks and record. No answer file leaves in between, and no mark is made for an attempt that is over.
    let _locked = context.store.hosts().lock_installation(host.mac())?;
    let now = context.store.hosts().find(host.mac())?.filter(is_the_same).ok_or_else(over)?;
    not_outdated(context, &now, checked, stage)?;
    first_word(context, &now, report)?;
    close(context, &now, checked, stage, message)?;
    let what = || Line::lossy(stage.as_str());
    let note = || (!message.as_str().is_empty()).then(|| (*message).clone());
    let mut changed = false;
    let after = context.store.hosts().change(host.mac(), &context.who(), context.now, |host| {
        if !is_the_same(host) {
            return Err(over());
        }
        changed = host.report(stage, message, disks, context.now).map_err(StoreError::refused(host))?;
        if let Some(attempt) = host.attempt.as_mut()
            && attempt.host_key.is_none()
            && host_key.is_some()
        {
            attempt.host_key.clone_from(host_key);
            changed = true;
        }
        Ok(changed.then(|| (what(), note())))
    })?;
    if !changed && matches!(stage, Stage::Installed | Stage::Failed) {
        // The process that received the first report may have died after it wrote the record.
        context.store.hosts().finish_move(&after, what(), note(), &context.who(), context.now)?;
    }
    let name = host.name.as_ref().map(|n| n.as_str());
    context.log(host.mac(), name, &format!("stage {stage}: {message}"));
    Ok(())
}

/// Refuses a report from before the last installation of the machine, for example after a copy of the cluster was put
/// back. A report that the installation of this very attempt ended well may be repeated: it completes the record.
fn not_outdated(context: &RequestContext<'_>, host: &Host, attempt: &Attempt, stage: Stage) -> Result<(), Failure> {
    let installed = context.store.installed_marks().installed_host(host)?;
    let is_over = installed.is_complete(attempt) && stage != Stage::Installed;
    if host.state() == HostState::Installing && (is_over || installed.is_outdated(attempt)) {
        return Err(Failure::refused("the token of an attempt from before the last installation"));
    }
    Ok(())
}

/// Refuses a report that contradicts the first one of the attempt, and records that it arrived.
fn first_word(context: &RequestContext<'_>, host: &Host, report: &Report<'_>) -> Result<(), Failure> {
    let contradiction = |host: &Host| {
        let attempt = host.attempt.as_ref()?;
        attempt.contradiction(report.disks, report.host_key.as_ref())
    };
    let Some(what) = contradiction(host) else { return Ok(()) };
    let from = context.request.remote.map_or_else(|| "by hand".to_owned(), |address| format!("from {address}"));
    if host.state() != HostState::Installing {
        // The state accepts no report any more, and its own check refuses it: what is refused changes nothing.
        let name = host.name.as_ref().map(|n| n.as_str());
        context.log(host.mac(), name, &format!("refused: a report of {what} ({from})"));
        return Ok(());
    }
    let note = Line::lossy(&format!("{} {from}: {what}", context.now));
    context.store.hosts().change(host.mac(), &context.who(), context.now, |host| {
        let Some(attempt) = host.attempt.as_mut().filter(|attempt| attempt.contradicted.is_none()) else {
            return Ok(None);
        };
        // Once: a sender with the token must not fill the disk with the history.
        attempt.contradicted = Some(note.clone());
        Ok::<_, StoreError>(Some((Line::lossy("contradicted"), Some(note.clone()))))
    })?;
    Err(Failure::refused(format!("a report of {what}")))
}

/// An end uses the permission, and a good one is remembered for ever. Both are written before the record, so a process
/// that dies in between leaves no host that would be installed again.
fn close(
    context: &RequestContext<'_>,
    host: &Host,
    attempt: &Attempt,
    stage: Stage,
    message: &Line,
) -> Result<(), Failure> {
    if host.state() != HostState::Installing {
        return Ok(());
    }
    match stage {
        Stage::Installed => context.store.installed_marks().mark_success(host, attempt, context.now)?,
        Stage::Failed => {
            context.store.permissions().mark_used(attempt.permission_ref(), &format!("failed: {message}"))?
        }
        _ => {}
    }
    Ok(())
}

/// `cmd=log`.
pub(crate) fn log(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let mac = context.mac()?;
    let host = host_with_token(context, mac)?;
    let bytes = match &context.request.body {
        Body::Whole(bytes) => bytes,
        Body::TooLarge => return Err(Failure::new(Problem::TooLarge, "a log of more than 1 MiB")),
        Body::CutShort => return Err(Failure::new(Problem::Malformed, "the body ended before its length")),
    };
    let attempt = attempt_of(&host)?;
    let over = host.state() != HostState::Installing;
    if over && attempt.stage().is_none_or(|stage| context.now.since(stage.at) > LOG_SECONDS) {
        return Err(Failure::not_now("a log of an installation that is over"));
    }
    context.store.journal().save_install_log(host.mac(), attempt.number, bytes)?;
    Ok(Response::done("ok", context.request.json))
}

/// The host whose current attempt the token is for. Only the log has the reason of a refusal.
pub(super) fn host_with_token(context: &RequestContext<'_>, mac: MacAddr) -> Result<Host, Failure> {
    let token: Token = context.parameter("token")?.parse().map_err(|_| Failure::refused("malformed token"))?;
    let key = context.store.site_key().read()?;
    let host =
        context.store.hosts().find(mac)?.ok_or_else(|| Failure::refused("the token of a host that is not known"))?;
    let attempt = attempt_of(&host)?;
    let purpose = Purpose::Report(&attempt.permission, attempt.since);
    let subject = TokenSubject { cluster: &context.store.cluster.name, mac: host.mac(), purpose };
    if !is_genuine(&key, subject, &token, context.now) {
        return Err(Failure::refused("a token that is not genuine or has expired"));
    }
    if attempt.number != token.attempt {
        return Err(Failure::refused("the token of an attempt that is over"));
    }
    Ok(host)
}

pub(super) fn attempt_of(host: &Host) -> Result<&Attempt, Failure> {
    host.attempt.as_ref().ok_or_else(|| Failure::refused("no attempt is recorded"))
}
