// SPDX-License-Identifier: GPL-3.0-or-later
//! `init` and `boot_action`: a machine asks what to do. `crate::boot::decide` decides.

use crate::boot::Decision;
use crate::boot_context::BootContext;
use crate::config::Enrolment;
use crate::host::{Host, HostState};
use crate::manager::Method;
use crate::manager::boot_script::BootScript;
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::response::{Problem, Response};
use crate::render::scripts;
use crate::store::StoreError;
use crate::types::{FirmwareInfo, Line, MacAddr, one_line};

/// How often, at most, new firmware information is stored.
const FIRMWARE_SECONDS: u64 = 60;

/// `cmd=init`.
pub(crate) fn init(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let via = context.via();
    Ok(Response::script(scripts::init(&context.store.cluster, via.loader, via.shim), None))
}

/// `cmd=boot_action`. It changes no state: machines ask several times in one boot, and every sender can ask.
pub(crate) fn boot_action(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let mut machine = context.boot_context(context.mac()?);
    // It reads all records, and names one.
    if machine.identity.is_proven() {
        machine = machine.with_probable_host(&context.store);
    }
    if context.request.method == Method::Head {
        return Ok(script_response(context, &machine, &machine.decide(&context.store.cluster, context.now)));
    }
    // The decision needs none of it: a full disk or a held lock must not keep a machine from its disk.
    match remember(context, &machine) {
        Ok(true) => machine = context.boot_context(machine.interface),
        Ok(false) => {}
        Err(failure) => context.diagnostics.add(&failure.why),
    }
    Ok(boot_response(context, &machine))
}

/// Stores what is useful later. A machine at the menu gets a record. A waiting machine gets a line in the list of
/// waiting machines. A known machine's firmware information is stored. A request with only a MAC changes nothing.
/// Returns whether the record changed.
fn remember(context: &RequestContext<'_>, machine: &BootContext) -> Result<bool, Failure> {
    let store = &context.store;
    let mac = machine.mac;
    // Nor does a test of this node (`self-test`) leave anything.
    if !machine.identity.is_proven() || mac.is_of_discovery() {
        return Ok(false);
    }
    match &machine.host {
        // A known host with another card waits for replace-nic, and gets no record of its own.
        Ok(None)
            if store.cluster.install.enrolment == Enrolment::Menu
                && machine.probable_host.is_none()
                && has_room(context) =>
        {
            let created = store.hosts().create(mac, &context.who(), context.now)?;
            record_firmware(context, machine)?;
            Ok(created)
        }
        Ok(None) => {
            // A full list must not stop a machine.
            if let Err(error) = store.pending().note(mac, context.request.remote, &context.firmware, context.now) {
                context.diagnostics.add(&error.to_string());
            }
            Ok(false)
        }
        Ok(Some(host)) if host.firmware != context.firmware || lacks_cpu(host, &context.firmware) => {
            record_firmware(context, machine)
        }
        Ok(Some(_)) | Err(_) => Ok(false),
    }
}

/// Whether one more record may be made from a request. If not, the machine stays unknown.
fn has_room(context: &RequestContext<'_>) -> bool {
    context.store.hosts().has_room_for_requests().unwrap_or_else(|error| {
        context.diagnostics.add(&error.to_string());
        false
    })
}

/// A record of an older version.
fn lacks_cpu(host: &Host, firmware: &FirmwareInfo) -> bool {
    host.cpu.is_none() && firmware.cpu().is_some()
}

fn record_firmware(context: &RequestContext<'_>, machine: &BootContext) -> Result<bool, Failure> {
    let firmware = &context.firmware;
    if firmware.is_empty() {
        return Ok(false);
    }
    context.store.hosts().change(machine.mac, &context.who(), context.now, |host| {
        // A machine that reports something else at every request must not fill the disk with its history.
        let just_now = !host.firmware.is_empty() && context.now.since(host.updated) < FIRMWARE_SECONDS;
        // What it reported before its installation began is kept until the installation ends: the first report counts.
        let being_installed = !host.firmware.is_empty() && host.state() == HostState::Installing;
        if !lacks_cpu(host, firmware) && (host.firmware == *firmware || just_now || being_installed) {
            return Ok::<_, StoreError>(None);
        }
        host.report_firmware(firmware);
        Ok(Some((Line::lossy("firmware says"), Some(Line::lossy(&firmware.to_string())))))
    })?;
    Ok(true)
}

/// The response with the script for a machine. A known host also gets a line in its log.
pub(super) fn boot_response(context: &RequestContext<'_>, machine: &BootContext) -> Response {
    for error in machine.host.as_ref().err().into_iter().chain(&machine.warnings) {
        context.diagnostics.add(&one_line(error));
    }
    let decision = machine.decide(&context.store.cluster, context.now);
    if let Decision::Stop(why) = &decision {
        context.diagnostics.add(why.as_str());
    }
    if let Some(host) = machine.known() {
        let name = host.name.as_ref().map(|n| n.as_str());
        let firmware = context.firmware.to_string();
        let firmware = if firmware.is_empty() { String::new() } else { format!(" ({firmware})") };
        context.log(machine.mac, name, &format!("boot: {decision}{firmware}"));
    }
    script_response(context, machine, &decision)
}

/// The same for a machine whose record has just changed.
pub(super) fn boot_response_now(context: &RequestContext<'_>, mac: MacAddr) -> Response {
    boot_response(context, &context.boot_context(mac))
}

/// The response with the script. It writes no file.
fn script_response(context: &RequestContext<'_>, machine: &BootContext, decision: &Decision) -> Response {
    let script = BootScript::new(&context.store, machine, decision, context.via(), context.now);
    if let Some(failure) = &script.failure {
        context.diagnostics.add(&failure.why);
    }
    let problem = script.failure.map(|f| f.problem).or(script.stopped.then_some(Problem::NotAble));
    Response::script(script.text, problem)
}
