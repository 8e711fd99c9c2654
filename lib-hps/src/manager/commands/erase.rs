// SPDX-License-Identifier: GPL-3.0-or-later
//! `erase` and `erase_report`: a machine fetches which disks it may erase, with the ticket of its boot, and reports each of
//! them with the token that it gets. The disks come from the permission, which only root writes.

use crate::boot::identity::Identity;
use crate::boot::token::{Purpose, TokenSubject, is_genuine, mint};
use crate::host::{ErasePermission, EraseResult, ErasedDisk, Erasure, Event, Host, HostState};
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::response::{Problem, Response};
use crate::store::{RUNNING_SECONDS, StoreError};
use crate::types::{Lifetime, Line, Timestamp, Token};
use std::str::FromStr;

/// `cmd=erase`: the document with the disks. It begins an attempt; after a lost reply the same ticket gets it again.
pub(crate) fn erase(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let mac = context.mac()?;
    let ticket: Token = context.parameter("ticket")?.parse().map_err(|_| Failure::refused("malformed ticket"))?;
    let store = &context.store;
    let machine = context.boot_context(mac);
    if let Identity::Foreign(other) = machine.identity {
        return Err(Failure::refused(format!("the ticket of {mac}, from the address of {other}")));
    }
    let Some(permission) = machine.erase.as_ref().map(|erase| &erase.permission) else {
        return Err(Failure::refused("nothing permits to erase disks of this machine"));
    };
    if !is_genuine(
        &store.site_key().read()?,
        subject(context, permission, Purpose::Ticket(&permission.id)),
        &ticket,
        context.now,
    ) {
        return Err(Failure::refused("a ticket that is not genuine or has expired"));
    }
    // Held over check and record: no installation begins in between.
    let _locked = store.hosts().lock_installation(permission.mac)?;
    if store.erasures().is_ended(permission)? {
        return Err(Failure::refused("the permission of an erase that ended"));
    }
    let host = store.hosts().find(permission.mac)?.ok_or_else(|| Failure::refused("a host that is not known"))?;
    let installed = store.installed_marks().installed_host(&host)?;
    if let Some(why) = permission.outdates(&installed, &host, &machine.firmware) {
        return Err(Failure::refused(format!("a permission to erase that {why}")));
    }
    let mut is_new = false;
    let erasure = store.erasures().change(permission, context.now, |erasure| {
        is_new = false;
        if ticket.attempt == erasure.attempts && !erasure.reported {
            return Ok(());
        }
        let most = store.cluster.install.max_attempts;
        if ticket.attempt != erasure.attempts.saturating_add(1)
            || ticket.attempt > most
            || !permission.is_current(context.now)
        {
            return Err(Failure::refused("an attempt to erase that is over, or that is no longer permitted"));
        }
        is_new = true;
        erasure.attempts = ticket.attempt;
        erasure.reported = false;
        erasure.disks.clear();
        Ok(())
    })?;
    if is_new {
        let what = format!("attempt {}: {}", erasure.attempts, permission.serials());
        store.journal().note(host.mac(), &context.who(), context.now, "erase begins", &what)?;
        log(context, &host, &format!("erase begins, {what}"));
    }
    document(context, permission, erasure.attempts).map(Response::text)
}

fn document(context: &RequestContext<'_>, permission: &ErasePermission, attempt: u32) -> Result<String, Failure> {
    let key = context.store.site_key().read()?;
    // A large disk takes days to overwrite.
    let lifetime = Lifetime::from_secs(RUNNING_SECONDS).unwrap_or(Lifetime::DAY);
    let expires = context.now.plus(lifetime);
    let token = mint(&key, report_subject(context, permission), attempt, expires);
    let disks: String = permission.disks.iter().map(|disk| format!("disk={disk}\n")).collect();
    Ok(format!("hps-erase 1\nmac={}\nattempt={attempt}\ntoken={token}\n{disks}end\n", permission.mac))
}

fn subject<'a>(
    context: &'a RequestContext<'_>,
    permission: &ErasePermission,
    purpose: Purpose<'a>,
) -> TokenSubject<'a> {
    TokenSubject { cluster: &context.store.cluster.name, mac: permission.mac, purpose }
}

fn report_subject<'a>(context: &'a RequestContext<'_>, permission: &'a ErasePermission) -> TokenSubject<'a> {
    subject(context, permission, Purpose::Report(&permission.id, permission.given_at))
}

/// `cmd=erase_report`. Each report may come again after a lost reply, and then changes nothing.
pub(crate) fn erase_report(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let (permission, host) = with_token(context)?;
    let message = Line::lossy(context.request.parameter("message").unwrap_or_default());
    match context.parameter("step")? {
        "progress" => {
            started(context, &permission)?;
            log(context, &host, &format!("erase: {message}"));
        }
        "disk" => disk(context, &permission, &host, &message)?,
        "end" => end(context, &permission, &host, parsed(context, "result")?, &message)?,
        _ => return Err(Failure::new(Problem::Malformed, "step is none of progress, disk, end")),
    }
    Ok(Response::done("ok", context.request.json))
}

/// The permission whose current attempt the token is for, also if it ended just now, and its host.
fn with_token(context: &RequestContext<'_>) -> Result<(ErasePermission, Host), Failure> {
    let mac = context.mac()?;
    let token: Token = context.parameter("token")?.parse().map_err(|_| Failure::refused("malformed token"))?;
    let store = &context.store;
    let unknown = || Failure::refused("the token of an erase that is not known");
    let host = store.hosts().find(mac)?.ok_or_else(unknown)?;
    let permission = store.erasures().permission(host.mac())?.ok_or_else(unknown)?;
    if !is_genuine(&store.site_key().read()?, report_subject(context, &permission), &token, context.now) {
        return Err(Failure::refused("a token that is not genuine or has expired"));
    }
    let protocol = store.erasures().protocol(host.mac())?;
    if protocol.erasure(&permission.id).is_none_or(|erasure| erasure.attempts != token.attempt) {
        return Err(Failure::refused("the token of an attempt to erase that is over"));
    }
    Ok((permission, host))
}

fn over() -> Failure {
    Failure::not_now("a report of an erase that is over")
}

/// The first report of an attempt: from now on its ticket gets nothing more.
fn started(context: &RequestContext<'_>, permission: &ErasePermission) -> Result<Erasure, Failure> {
    context.store.erasures().change(permission, context.now, |erasure| {
        if erasure.ended.is_some() {
            return Err(over());
        }
        erasure.reported = true;
        Ok(())
    })
}

/// One disk. An attempt reports each disk once.
fn disk(
    context: &RequestContext<'_>,
    permission: &ErasePermission,
    host: &Host,
    message: &Line,
) -> Result<(), Failure> {
    let found = ErasedDisk {
        serial: parsed(context, "disk")?,
        model: Line::lossy(context.request.parameter("model").unwrap_or_default()),
        bytes: parsed(context, "bytes")?,
        method: parsed(context, "method")?,
        seconds: parsed(context, "seconds")?,
        verified: parsed(context, "verified")?,
        result: parsed(context, "result")?,
        note: message.clone(),
        at: context.now,
    };
    if !permission.disks.contains(&found.serial) {
        return Err(Failure::refused(format!("a report of disk {}, which the permission does not name", found.serial)));
    }
    let mut is_new = false;
    context.store.erasures().change(permission, context.now, |erasure| {
        is_new = false;
        if let Some(known) = erasure.disks.iter().find(|disk| disk.serial == found.serial) {
            let again = ErasedDisk { at: known.at, ..found.clone() };
            return if again == *known { Ok(()) } else { Err(Failure::not_now("another report of the same disk")) };
        }
        if erasure.ended.is_some() {
            return Err(over());
        }
        is_new = true;
        erasure.reported = true;
        erasure.report(found.clone());
        Ok(())
    })?;
    if is_new {
        let what = if found.result == EraseResult::Erased { "disk erased" } else { "disk not erased" };
        let text = describe(&found);
        context.store.journal().note(host.mac(), &context.who(), context.now, what, &text)?;
        log(context, host, &format!("{what}: {text}"));
    }
    Ok(())
}

fn describe(disk: &ErasedDisk) -> String {
    let model = if disk.model.as_str().is_empty() { String::new() } else { format!(" ({})", disk.model) };
    let note = if disk.note.as_str().is_empty() { String::new() } else { format!(": {}", disk.note) };
    let ErasedDisk { serial, bytes, method, seconds, verified, result, .. } = disk;
    format!("{serial}{model}, {bytes} bytes, {result} by {method} in {seconds} s, verified: {verified}{note}")
}

/// The end. The permission ends first: a process that dies after that leaves no machine that is erased again.
fn end(
    context: &RequestContext<'_>,
    permission: &ErasePermission,
    host: &Host,
    result: EraseResult,
    why: &Line,
) -> Result<(), Failure> {
    let store = &context.store;
    let erasure = store.erasures().protocol(host.mac())?.erasure(&permission.id).cloned();
    let Some(erasure) = erasure else { return Err(over()) };
    if erasure.ended.is_some() {
        return if erasure.result == Some(result) { Ok(()) } else { Err(over()) };
    }
    if result == EraseResult::Erased && !erasure.is_complete(permission) {
        return Err(Failure::not_now(
            "the end of an erase of which not every disk was reported as erased and verified",
        ));
    }
    store.erasures().end(permission, result.as_str())?;
    let _locked = store.hosts().lock_installation(host.mac())?;
    let line = match (result, why.as_str()) {
        (EraseResult::Erased, _) => permission.serials(),
        (EraseResult::Failed, why) => format!("the erase failed: {why}"),
        (EraseResult::Refused, why) => format!("the erase was refused: {why}"),
    };
    let (what, line) = (Line::lossy(&format!("erase {}", ended(result))), Line::lossy(&line));
    store.hosts().change(host.mac(), &context.who(), context.now, |host| {
        follow(host, permission, result, &line, context.now)?;
        Ok::<_, Failure>(Some((what.clone(), Some(line.clone()))))
    })?;
    store.erasures().change(permission, context.now, |erasure| {
        erasure.ended = Some(context.now);
        erasure.result = Some(result);
        erasure.why = (result != EraseResult::Erased).then(|| why.clone());
        Ok::<_, StoreError>(())
    })?;
    log(context, host, &format!("{what}: {line}"));
    Ok(())
}

fn ended(result: EraseResult) -> &'static str {
    match result {
        EraseResult::Erased => "complete",
        EraseResult::Failed => "failed",
        EraseResult::Refused => "refused",
    }
}

/// What becomes of the record: where the disks of its system were erased, or may have been, the host has none any more.
/// Its type stays. The mark that it was ever installed stays too, so it is not installed without an operator.
fn follow(
    host: &mut Host,
    permission: &ErasePermission,
    result: EraseResult,
    line: &Line,
    now: Timestamp,
) -> Result<(), Failure> {
    let system = host.last_disks();
    let of_system = system.is_empty() || system.iter().any(|disk| permission.disks.contains(disk));
    let event = match result {
        EraseResult::Refused => None,
        EraseResult::Erased => Some(Event::Erased),
        EraseResult::Failed => Some(Event::EraseFailed),
    };
    if let Some(event) = event.filter(|_| of_system && host.state() != HostState::Installing) {
        host.apply(event, now).map_err(StoreError::refused(host))?;
    }
    host.reason = Some(match result {
        EraseResult::Erased => Line::lossy(&format!("disks erased at {now}: {line}")),
        _ => line.clone(),
    });
    Ok(())
}

fn parsed<T: FromStr>(context: &RequestContext<'_>, name: &str) -> Result<T, Failure> {
    let text = context.parameter(name)?;
    text.parse().map_err(|_| Failure::new(Problem::Malformed, format!("{name} is malformed")))
}

fn log(context: &RequestContext<'_>, host: &Host, text: &str) {
    context.log(host.mac(), host.name.as_ref().map(|name| name.as_str()), text);
}
