// SPDX-License-Identifier: GPL-3.0-or-later
//! `boot_manager`: what machines talk to. A CGI program (RFC 3875): environment in, one response out.

mod commands;
mod context;
mod handle;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

fn main() -> ExitCode {
    let request = request::Request::from_env(|name| std::env::var_os(name), std::io::stdin());
    handle::handle(&request).write_to(&mut std::io::stdout().lock())
}
