// SPDX-License-Identifier: GPL-3.0-or-later
//! `boot_manager`: what machines talk to. A CGI program (RFC 3875): environment in, one response out.

mod environment;

use hps::manager::handle;
use hps::types::Timestamp;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let request = environment::request(|name| std::env::var_os(name), std::io::stdin());
    let answered = handle(&request, Timestamp::now());
    for line in &answered.complaints {
        // The web server's error log.
        let _nowhere_to_say_it = writeln!(std::io::stderr(), "boot_manager: {line}");
    }
    match answered.response.write_to(&mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // A client that went away.
        Err(_) => ExitCode::FAILURE,
    }
}
