// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power show`: how hosts are switched, without a password.

use super::set::colons;
use crate::host_state::HostArgument;
use crate::host_state::completer;
use crate::program::{self, Ended, Exit};
use hps::config::PowerControl;
use hps::host::Host;
use hps::store::Store;
use hps::types::{MacAddr, one_line};

/// Print how hosts are switched.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power show
  host-power show sch-001 --json")]
pub(super) struct Arguments {
    /// MAC, host name or address [default: all hosts that can be switched]
    #[arg(add = completer())]
    host: Vec<HostArgument>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Shown {
    host: String,
    mac: String,
    #[serde(flatten)]
    control: PowerControl,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let macs: Vec<MacAddr> = if arguments.host.is_empty() {
        store.power_controls().list()?
    } else {
        arguments.host.iter().map(|host| host.mac(store)).collect::<anyhow::Result<_>>()?
    };
    let (mut shown, mut exit) = (Vec::new(), Exit::Done);
    for mac in macs {
        let host = store.hosts().find(mac).unwrap_or_default();
        let label = host.as_ref().map_or_else(|| mac.colons(), Host::label);
        match store.power_controls().get(mac) {
            Ok(Some(control)) => shown.push(Shown { host: label, mac: mac.colons(), control }),
            Ok(None) => {
                let line = format!(
                    "{label}: nothing is stored; store it with: host-power set {label} redfish://ADDRESS --credentials NAME"
                );
                return Err(Ended::error(Exit::NotFound, line));
            }
            Err(error) => {
                program::eprint(format_args!("host-power: {label}: {}", one_line(&error)));
                exit = Exit::Failed;
            }
        }
    }
    shown.sort_by(|one, other| one.host.cmp(&other.host));
    if arguments.json {
        program::print_json(&shown)?;
        return Ok(exit);
    }
    for Shown { host, control, .. } in &shown {
        let mut words = vec![control.describe()];
        words.extend(control.credentials.as_ref().map(|name| format!("credentials {name}")));
        words.extend(control.system.as_ref().map(|system| format!("system {system}")));
        words.extend(control.boot_mode.map(|mode| format!("boots by {mode}")));
        words.extend(control.console.as_ref().map(|console| format!("console {console}")));
        words.extend(control.plain_http.then(|| "without TLS".to_owned()));
        words.extend(control.cipher_suite.map(|suite| format!("cipher suite {suite}")));
        program::print(format_args!("{host}: {}", words.join(", ")))?;
        if let (Some(fingerprint), false) = (control.fingerprint, arguments.host.is_empty()) {
            program::print(format_args!("  certificate {}", colons(fingerprint)))?;
        }
    }
    Ok(exit)
}
