// SPDX-License-Identifier: GPL-3.0-or-later
//! `task` and `task_report`: the node environment begins a task by the ticket of its boot, and reports with the token that it gets.
//!
//! The begin is a mark, so a machine that restarts in the middle does not begin again (decision 171). The same ticket gets the same answer
//! again until the task has reported its end: a reply may be lost.

use crate::boot::identity::Identity;
use crate::boot::token::{Purpose, TokenSubject, is_genuine, mint};
use crate::boot_context::BootContext;
use crate::host::{PermissionId, TaskKind, TaskWord, Verdict};
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::request::Body;
use crate::manager::response::{Problem, Response};
use crate::store::Tasks;
use crate::types::{Lifetime, Line, MacAddr, Token};

/// The longest protocol of a task.
const MAX_PROTOCOL_BYTES: usize = 64 << 10;

/// `cmd=task`.
pub(crate) fn task(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let store = &context.store;
    let machine = context.boot_context(context.mac()?);
    let ticket: Token = context.parameter("ticket")?.parse().map_err(|_| Failure::refused("malformed ticket"))?;
    if let Identity::Foreign(other) = machine.identity {
        return Err(Failure::refused(format!("the ticket of {}, from the address of {other}", machine.mac)));
    }
    let asked = machine.task.as_ref().ok_or_else(|| Failure::refused("a ticket for a task that is not asked for"))?;
    let request = &asked.request;
    let key = store.site_key().read()?;
    let subject = |purpose| TokenSubject { cluster: &store.cluster.name, mac: machine.mac, purpose };
    if !is_genuine(&key, subject(Purpose::TaskTicket(&request.id)), &ticket, context.now) {
        return Err(Failure::refused("a ticket that is not genuine or has expired"));
    }
    match &asked.ended {
        None if request.is_current(context.now) => {
            store.tasks().begin(request, &context.who(), context.now)?;
            log(context, &machine, &format!("task began: {}", request.describe()));
        }
        None => return Err(Failure::refused("the ticket of a task that expired")),
        Some(mark) if Tasks::has_begun(mark) && store.tasks().is_running(machine.mac, &request.id)? => {}
        Some(_) => return Err(Failure::refused("the ticket of a task that is over")),
    }
    let kind = request.task.kind();
    // Its last report may come a little later.
    let seconds = request.task.most_seconds();
    let lifetime = Lifetime::from_secs(seconds.saturating_add(3_600)).unwrap_or(Lifetime::DAY);
    let expires = context.now.plus(lifetime).next_full_hour();
    let token = mint(&key, subject(Purpose::TaskReport(kind, &request.id)), 1, expires);
    let mut text = format!(
        "hps-task 1\ntask={kind}\nid={}\ntoken={token}\nthen={}\nseconds={seconds}\n",
        request.id, request.then
    );
    for line in request.task.lines() {
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str("end\n");
    Ok(Response::text(text))
}

/// `cmd=task_report`: `stage` is `progress` or a verdict. It may come again after a lost reply, and then changes nothing.
pub(crate) fn task_report(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let (mac, kind, id) = reporting_task(context)?;
    let verdict = match context.parameter("stage")? {
        "progress" => None,
        word => Some(word.parse::<Verdict>()?),
    };
    let message = Line::lossy(context.request.parameter("message").unwrap_or_default());
    let details = protocol(&context.request.body)?;
    let word = TaskWord { verdict, message, details };
    let heard = context.store.tasks().hear(mac, (kind, &id), &word, &context.who(), context.now)?;
    if heard {
        let how = verdict.map_or("goes on".to_owned(), |verdict| format!("ended: {verdict}"));
        log(context, &context.boot_context(mac), &format!("task {kind} {how}: {}", word.message));
    }
    Ok(Response::done("ok", context.request.json))
}

/// The task that a request reports about, by its token: the MAC that names the record, the kind, and the request.
pub(super) fn reporting_task(context: &RequestContext<'_>) -> Result<(MacAddr, TaskKind, PermissionId), Failure> {
    let mac = context.store.hosts().naming_mac(context.mac()?)?;
    let kind: TaskKind = context.parameter("task")?.parse()?;
    let id: PermissionId = context.parameter("id")?.parse()?;
    let token: Token = context.parameter("token")?.parse().map_err(|_| Failure::refused("malformed token"))?;
    let key = context.store.site_key().read()?;
    let purpose = Purpose::TaskReport(kind, &id);
    if !is_genuine(&key, TokenSubject { cluster: &context.store.cluster.name, mac, purpose }, &token, context.now) {
        return Err(Failure::refused("a token of a task that is not genuine or has expired"));
    }
    Ok((mac, kind, id))
}

fn protocol(body: &Body) -> Result<Vec<Line>, Failure> {
    match body {
        Body::Whole(bytes) if bytes.len() <= MAX_PROTOCOL_BYTES => {
            Ok(String::from_utf8_lossy(bytes).lines().map(Line::lossy).collect())
        }
        Body::Whole(_) | Body::TooLarge => Err(Failure::new(Problem::TooLarge, "a protocol of more than 64 KiB")),
        Body::CutShort => Err(Failure::new(Problem::Malformed, "the body ended before its length")),
    }
}

/// `no_task`: the machine cannot start the node environment. Its request ends, so that the machine does not ask for ever.
pub(super) fn not_possible(context: &RequestContext<'_>, machine: &BootContext) -> Result<Response, Failure> {
    RequestContext::require_proven(machine)?;
    if let Some(task) = machine.task.as_ref().filter(|task| task.ended.is_none()) {
        let why = "the shim that started the machine does not accept the kernel of the node environment";
        context.store.tasks().refuse(&task.request, why, &context.who(), context.now)?;
        log(context, machine, &format!("task not possible: {why}"));
    }
    Ok(super::boot::boot_response_now(context, machine.interface))
}

fn log(context: &RequestContext<'_>, machine: &BootContext, text: &str) {
    let name = machine.known().and_then(|host| host.name.as_ref()).map(|name| name.as_str());
    context.log(machine.mac, name, text);
}
