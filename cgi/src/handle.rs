// SPDX-License-Identifier: GPL-3.0-or-later
//! From a request to a response: which command, and how its failure is told.

use crate::commands;
use crate::context::{Context, Failure, complain, without_paths};
use crate::request::Request;
use crate::response::{Problem, Response};
use hps::render::scripts;
use hps::store::{Store, load_conf};
use hps::types::Timestamp;

/// Answers a request, whatever it is.
pub(crate) fn handle(request: &Request) -> Response {
    let command = request.parameter("cmd").unwrap_or_default();
    let for_ipxe = matches!(command, "init" | "boot_action" | "process_menu_item");
    answer(request, command).unwrap_or_else(|failure| {
        let from = request.remote.map_or_else(|| "by hand".to_owned(), |a| format!("from {a}"));
        complain(&format!("{command:.40} {from}: {}: {}", failure.problem.word(), failure.why));
        if for_ipxe {
            let text = on_screen(&failure);
            let script = match ask_again(request) {
                Some(url) => scripts::error(&text, Some(&url)),
                None => scripts::stranded(&text),
            };
            Response::script(script, Some(failure.problem))
        } else {
            Response::problem(failure.problem, request.json)
        }
    })
}

fn answer(request: &Request, command: &str) -> Result<Response, Failure> {
    if let Some(problem) = request.problem() {
        return Err(Failure::new(Problem::Malformed, problem));
    }
    let run: fn(&Context<'_>) -> Result<Response, Failure> = match command {
        "init" => commands::init,
        "boot_action" => commands::boot_action,
        "process_menu_item" => commands::process_menu_item,
        "answer" => commands::answer,
        "event" => commands::event,
        "log" => commands::log,
        // They set states, or read records and answer files, by name alone: whoever is on the LAN could.
        "kickstart"
        | "config_host"
        | "set_status"
        | "determine_state"
        | "host_get_config"
        | "set_host_name_value"
        | "log_message" => {
            return Err(Failure::new(
                Problem::Refused,
                "a command of the shell release that proves nothing about its sender",
            ));
        }
        _ => return Err(Failure::new(Problem::UnknownCommand, "unknown command")),
    };
    let conf = load_conf(&request.conf)?;
    let store = Store::open(&conf)?;
    run(&Context { request, store, now: Timestamp::now() })
}

/// What the screen of a machine says. Paths of this node stay in the log.
fn on_screen(failure: &Failure) -> String {
    match failure.problem {
        Problem::NotAble => format!("the provisioning node is not able to answer: {}", without_paths(&failure.why)),
        Problem::Mac | Problem::Malformed | Problem::Refused | Problem::NotNow => failure.why.clone(),
        other => other.word().to_owned(),
    }
}

/// Where a machine that met an error asks again, if the cluster can be read at all.
fn ask_again(request: &Request) -> Option<String> {
    let store = Store::open(&load_conf(&request.conf).ok()?).ok()?;
    Some(format!("{}?cmd=init", store.cluster.boot_manager_url()))
}
