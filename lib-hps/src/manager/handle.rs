// SPDX-License-Identifier: GPL-3.0-or-later
//! From a request to a response: which command, and how a failure is reported.

use super::{commands, refusal_limit};
use crate::manager::context::RequestContext;
use crate::manager::diagnostics::Diagnostics;
use crate::manager::failure::{Failure, without_paths};
use crate::manager::method::{Method, allowed, has_script_of_get};
use crate::manager::request::Request;
use crate::manager::response::{Problem, Response};
use crate::render::page::Address;
use crate::render::scripts;
use crate::store::{Store, StoreError, load_conf};
use crate::types::{FirmwareInfo, Line, Loader, MacAddr, Timestamp};

/// A response, and lines for the error log of the web server.
#[derive(Debug)]
pub struct Answered {
    /// What the client gets.
    pub response: Response,
    /// What only the administrator gets: why a request was refused, what could not be read. Each line names the time
    /// and the request.
    pub diagnostics: Vec<Line>,
}

/// Answers a request.
pub fn handle(request: &Request, now: Timestamp) -> Answered {
    let diagnostics = Diagnostics::default();
    let response = respond(request, now, &diagnostics);
    let response = if request.method == Method::Head { response.headers_only() } else { response };
    let whose = whose(request, now);
    let diagnostics = diagnostics.into_lines().iter().map(|line| Line::lossy(&format!("{whose}: {line}"))).collect();
    Answered { response, diagnostics }
}

/// `2026-11-22T10:00:30Z boot_action 525400000001 from 10.0.0.2`: the web server writes none of this into its error
/// log.
fn whose(request: &Request, now: Timestamp) -> String {
    let command = request.parameter("cmd").unwrap_or("no command");
    let mac = match request.parameter("mac") {
        Some(text) => text.parse::<MacAddr>().map_or_else(|_| format!("mac {text:.40}"), |mac| mac.to_string()),
        None => "no mac".to_owned(),
    };
    let from = request.remote.map_or_else(|| "by hand".to_owned(), |a| format!("from {a}"));
    format!("{now} {command:.40} {mac} {from}")
}

fn respond(request: &Request, now: Timestamp, diagnostics: &Diagnostics) -> Response {
    let command = request.parameter("cmd").unwrap_or_default();
    if request.method == Method::Head && request.loader() == Loader::Grub && has_script_of_get(command) {
        return Response::script_of_get();
    }
    if let Some(allow) = allowed(command).filter(|allow| !request.method.is_in(allow)) {
        diagnostics.add(&format!("{}: the command is for {allow}", Problem::Method.as_str()));
        return Response::not_allowed(allow, request.json);
    }
    let for_boot_loader = matches!(command, "init" | "boot_action" | "process_menu_item" | "unsupported");
    let store = open(request);
    // A machine that met an error asks there again, if the cluster can be read.
    let ask_again = store.as_ref().ok().map(|store| Address::init(&store.cluster));
    answer(request, command, store, now, diagnostics).unwrap_or_else(|failure| {
        diagnostics.add(&format!("{}: {}", failure.problem.as_str(), failure.why));
        if for_boot_loader {
            let text = on_screen(&failure);
            let script = match ask_again {
                Some(address) => scripts::error(&text, Some(address), request.loader()),
                None => scripts::stranded(&text, request.loader()),
            };
            Response::script(script, Some(failure.problem))
        } else {
            Response::problem(failure.problem, request.json)
        }
    })
}

fn open(request: &Request) -> Result<Store, StoreError> {
    Store::open(&load_conf(&request.conf)?)
}

fn answer(
    request: &Request,
    command: &str,
    store: Result<Store, StoreError>,
    now: Timestamp,
    diagnostics: &Diagnostics,
) -> Result<Response, Failure> {
    if let Some(problem) = request.problem() {
        return Err(Failure::new(Problem::Malformed, problem));
    }
    let run: fn(&RequestContext<'_>) -> Result<Response, Failure> = match command {
        "init" => commands::init,
        "boot_action" => commands::boot_action,
        "process_menu_item" => commands::process_menu_item,
        "unsupported" => commands::unsupported,
        "answer" => commands::answer,
        "event" => commands::event,
        "log" => commands::log,
        "hardware" => commands::hardware,
        "task" => commands::task,
        "task_report" => commands::task_report,
        "erase" => commands::erase,
        "erase_report" => commands::erase_report,
        other => commands::legacy(other).ok_or_else(|| Failure::new(Problem::UnknownCommand, "unknown command"))?,
    };
    let store = store?;
    if store.cluster.legacy.allows(command) == Some(false) {
        let why = "a command of the shell release, which proves nothing about its sender; [legacy] of the cluster file can switch it on";
        return Err(Failure::refused(why));
    }
    let context = RequestContext {
        request,
        store,
        now,
        firmware: FirmwareInfo::from_parameters(|name| request.parameter(name)),
        shim: request.shim(),
        diagnostics,
    };
    run(&context).inspect_err(|failure| {
        if matches!(command, "unsupported" | "answer" | "event" | "log" | "hardware" | "erase" | "erase_report")
            && failure.problem == Problem::Refused
        {
            refusal_limit::count(&context, &failure.why);
        }
    })
}

/// The text for the screen of a machine. Paths of this node stay in the log.
fn on_screen(failure: &Failure) -> String {
    match failure.problem {
        Problem::NotAble => format!("the provisioning node cannot answer: {}", without_paths(&failure.why)),
        Problem::Mac | Problem::Malformed | Problem::Refused | Problem::NotNow => failure.why.clone(),
        other => other.as_str().to_owned(),
    }
}
