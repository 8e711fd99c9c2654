// SPDX-License-Identifier: GPL-3.0-or-later
//! `systemd-creds`: text that only this machine can read again, by its TPM or by the key of the machine.

use super::{ExecError, Limit, Run};
use rustix::fs::MemfdFlags;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::sync::atomic::AtomicBool;

const PROGRAM: &str = "systemd-creds";
const PACKAGE: &str = "systemd";

/// Whether this machine has it.
pub fn is_there() -> bool {
    Run::new(PROGRAM, PACKAGE).is_there().is_ok()
}

/// Encrypts a text under a name; only with this name it is decrypted.
///
/// # Errors
/// When the program is missing or fails.
pub fn encrypt(name: &str, text: &[u8], stop: &AtomicBool) -> Result<Vec<u8>, ExecError> {
    call("encrypt", name, text, stop)
}

/// Decrypts what [`encrypt`] made.
///
/// # Errors
/// When the program is missing, or this machine cannot decrypt it.
pub fn decrypt(name: &str, encrypted: &[u8], stop: &AtomicBool) -> Result<Vec<u8>, ExecError> {
    call("decrypt", name, encrypted, stop)
}

fn call(verb: &str, name: &str, input: &[u8], stop: &AtomicBool) -> Result<Vec<u8>, ExecError> {
    let start = |source| ExecError::Start { program: PROGRAM, source };
    let input = in_memory(input).map_err(start)?;
    let run = Run::new(PROGRAM, PACKAGE).arg(format!("--name={name}")).args([verb, "-", "-"]).input(input);
    Ok(run.output(Limit::CHECK, stop)?.stdout)
}

/// What it reads is never in a file with a name.
fn in_memory(bytes: &[u8]) -> std::io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("credentials", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}
