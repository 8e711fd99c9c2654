// SPDX-License-Identifier: GPL-3.0-or-later
//! `boot_manager`: the program that machines talk to. A CGI program (RFC 3875): environment in, one response out.

mod environment;

use hps::manager::handle;
use hps::types::Timestamp;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

const USAGE: &str = "\
boot_manager is a CGI program: the web server starts it for each request of a machine.

  boot_manager --version    print its version
  boot_manager --help       print this

A request by hand, as the web server would make it:
  QUERY_STRING='cmd=boot_action&mac=525400123456' REMOTE_ADDR=10.0.0.140 boot_manager

To see what a host would be served, and why: host-state explain HOST
";

fn main() -> ExitCode {
    let called_by_server = ["GATEWAY_INTERFACE", "QUERY_STRING"].iter().any(|name| std::env::var_os(name).is_some());
    // A web server may pass words of the query as arguments (RFC 3875, 4.4). So arguments are read only without a web
    // server.
    let argument = std::env::args_os().nth(1).filter(|_| !called_by_server);
    if let Some(text) = argument.and_then(|argument| for_people(&argument)) {
        return ended(std::io::stdout().lock().write_all(text.as_bytes()));
    }
    let request = environment::request(|name| std::env::var_os(name), std::io::stdin());
    let answered = handle(&request, Timestamp::now());
    for line in &answered.diagnostics {
        // The web server's error log.
        let _nowhere_to_say_it = writeln!(std::io::stderr(), "boot_manager: {line}");
    }
    ended(answered.response.write_to(&mut std::io::stdout().lock()))
}

/// For a person who starts it by hand.
fn for_people(argument: &OsString) -> Option<String> {
    match argument.to_str()? {
        "--help" | "-h" => Some(USAGE.to_owned()),
        "--version" | "-V" => Some(concat!("boot_manager ", env!("CARGO_PKG_VERSION"), "\n").to_owned()),
        _ => None,
    }
}

fn ended(written: std::io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        // The client closed the connection.
        Err(_) => ExitCode::FAILURE,
    }
}
