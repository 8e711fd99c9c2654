// SPDX-License-Identifier: GPL-3.0-or-later
//! `hardware`: what a machine is made of, as its installer reports it with the token of its attempt.

use super::report::{attempt_of, host_with_token};
use super::task::reporting_task;
use crate::hardware::{Hardware, Occasion, ReportError, read_report};
use crate::host::HostState;
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::request::Body;
use crate::manager::response::{Problem, Response};
use crate::types::MacAddr;

/// `cmd=hardware`. It may come again after a lost reply, and then changes nothing.
pub(crate) fn hardware(context: &RequestContext<'_>) -> Result<Response, Failure> {
    if context.request.parameter("task").is_some() {
        return by_task(context);
    }
    let host = host_with_token(context, context.mac()?)?;
    if host.state() != HostState::Installing {
        return Err(Failure::not_now("a report of hardware from an installation that is over"));
    }
    attempt_of(&host)?;
    let report = read(context, Occasion::Installation)?;
    keep(context, host.mac(), host.name.as_ref().map(|name| name.as_str()), &report)?;
    Ok(Response::done("ok", context.request.json))
}

/// From a task of the node environment, also of a machine that is no host.
fn by_task(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let (mac, _, _) = reporting_task(context)?;
    let report = read(context, Occasion::Discovery)?;
    let host = context.store.hosts().find(mac)?;
    keep(context, mac, host.as_ref().and_then(|host| host.name.as_ref()).map(|name| name.as_str()), &report)?;
    Ok(Response::done("ok", context.request.json))
}

/// The report in the body of the request.
pub(super) fn read(context: &RequestContext<'_>, occasion: Occasion) -> Result<Hardware, Failure> {
    let bytes = match &context.request.body {
        Body::Whole(bytes) => bytes,
        Body::TooLarge => return Err(Failure::new(Problem::TooLarge, ReportError::TooLarge.to_string())),
        Body::CutShort => return Err(Failure::new(Problem::Malformed, "the body ended before its length")),
    };
    read_report(bytes, occasion, context.now).map_err(|error| {
        let problem = if error == ReportError::TooLarge { Problem::TooLarge } else { Problem::Malformed };
        Failure::new(problem, error.to_string())
    })
}

/// Keeps it under the MAC that names the record of the host. Each change is a line in the log of the host too.
pub(super) fn keep(
    context: &RequestContext<'_>,
    mac: MacAddr,
    name: Option<&str>,
    report: &Hardware,
) -> Result<(), Failure> {
    let Some(changes) = context.store.hardware().report(mac, report, &context.who(), context.now)? else {
        return Err(Failure::not_now("a report of hardware that differs from one of less than a minute ago"));
    };
    context.log(mac, name, &format!("hardware: {}", report.summary()));
    for change in &changes {
        context.log(mac, name, &format!("hardware changed: {change}"));
    }
    Ok(())
}
