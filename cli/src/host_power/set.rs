// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power set`: how a host is switched. The certificate of a BMC is shown and accepted here, and no other one counts
//! afterwards.

use super::address::PowerUrl;
use crate::audit;
use crate::change::Change;
use crate::host_state::{HostArgument, completer};
use crate::power;
use crate::program::password::Terminal;
use crate::program::{self, Ended, Exit};
use hps::config::PowerControl;
use hps::files::{Access, make_dir};
use hps::host::Host;
use hps::power::{Limits, certificate};
use hps::store::Store;
use hps::types::{
    BmcAddress, BootMode, ConsoleSource, CredentialsName, Invalid, PowerProtocol, Sha256Digest, SystemId,
};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Store how a host is switched.
///
/// URL is redfish://ADDRESS, ipmi://ADDRESS, wake-on-lan: or command:/PATH.
/// For Redfish the program shows the certificate of the BMC. If you accept it, only this certificate counts from then on.
/// Without URL the stored one stays, and only the given options change.
/// The settings are in a file that only root can read, not in the record of the host.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power set sch-001 redfish://10.0.9.7 --credentials rack7
  host-power set sch-002 redfish://10.0.9.8 --credentials rack7 --fingerprint 5A:3F:...
      with the fingerprint from the console of the BMC; nothing is asked
  host-power set sch-003 ipmi://10.0.9.9 --credentials rack7 --boot-mode uefi
  host-power set tch-001 wake-on-lan:
  host-power set tch-002 command:/usr/local/sbin/pdu
  host-power set sch-001 --new-certificate
  host-power set sch-001 --console sol")]
pub(super) struct Arguments {
    /// MAC, host name or address
    #[arg(add = completer())]
    host: HostArgument,
    /// The protocol and the address of the BMC
    url: Option<PowerUrl>,
    /// The credentials, by their name; see host-power credentials
    #[arg(long, value_name = "NAME")]
    credentials: Option<CredentialsName>,
    /// Accept this certificate: SHA-256 of it, 64 hex digits, with or without colons
    #[arg(long, value_name = "HEX", value_parser = fingerprint, conflicts_with_all = ["accept_certificate", "new_certificate"])]
    fingerprint: Option<Sha256Digest>,
    /// Accept the certificate that the BMC shows now, without a question; only on a network that you trust
    #[arg(long)]
    accept_certificate: bool,
    /// Show the certificate again, because the BMC has a new one
    #[arg(long)]
    new_certificate: bool,
    /// The Id of the system, if the BMC has several
    #[arg(long, value_name = "ID")]
    system: Option<SystemId>,
    /// The cipher suite of IPMI, if the BMC does not report those that it has: 3 or 17
    #[arg(long, value_name = "N")]
    cipher_suite: Option<u8>,
    /// The firmware mode of the host: uefi or bios [default: the one in which it booted last]
    #[arg(long, value_name = "MODE", value_parser = program::in_any_case::<BootMode>)]
    boot_mode: Option<BootMode>,
    /// Where the console of the host comes from: sol (serial over LAN of the BMC), command:/PATH, or none
    #[arg(long, value_name = "SOURCE", value_parser = console)]
    console: Option<GivenConsole>,
    /// Show what would change, and change nothing; exit code 10 if there is something
    #[arg(long)]
    dry_run: bool,
}

/// `openssl x509 -fingerprint` writes colons.
fn fingerprint(text: &str) -> Result<Sha256Digest, String> {
    text.replace(':', "").parse().map_err(|_| "expected 64 hex digits, with or without colons".to_owned())
}

/// A console, or that there is none.
#[derive(Debug, Clone)]
struct GivenConsole(Option<ConsoleSource>);

fn console(text: &str) -> Result<GivenConsole, String> {
    if text == "none" {
        return Ok(GivenConsole(None));
    }
    text.parse().map(|source| GivenConsole(Some(source))).map_err(|error: Invalid| format!("{error:#}, or none"))
}

pub(super) fn run(store: &Store, arguments: &Arguments, stop: Arc<AtomicBool>) -> anyhow::Result<Exit> {
    let mac = arguments.host.mac(store)?;
    let label = store.hosts().find(mac)?.as_ref().map_or_else(|| mac.colons(), Host::label);
    let old = store.power_controls().get(mac)?;
    let mut control = merged(old.as_ref(), arguments, &label)?;
    let refused = |problem: String| Ended::error(Exit::Usage, format!("{label}: {problem}"));
    let needs_certificate = control.protocol == PowerProtocol::Redfish && !control.plain_http;
    if !needs_certificate {
        if arguments.fingerprint.is_some() || arguments.accept_certificate || arguments.new_certificate {
            return Err(refused(format!("protocol {} has no certificate", control.describe())));
        }
        control.fingerprint = None;
    }
    if let Some(given) = arguments.fingerprint {
        control.fingerprint = Some(given);
    }
    // What else is wrong is reported before a BMC is asked.
    let mut placeholder = control.clone();
    if needs_certificate && placeholder.fingerprint.is_none() {
        placeholder.fingerprint = Some(Sha256Digest::from_bytes([0; 32]));
    }
    if let Some(problem) = placeholder.contradictions().first() {
        return Err(refused(problem.problem().to_owned()));
    }
    if let Some(name) = &control.credentials {
        power::load_credentials(store, name, &stop)?;
    }
    if needs_certificate && (control.fingerprint.is_none() || arguments.new_certificate || arguments.accept_certificate)
    {
        let address = control.address.clone();
        let address = address.ok_or_else(|| refused("address is missing".to_owned()))?;
        let found = shown(&address, &control, arguments, &label, stop)?;
        control.fingerprint = Some(found);
    }
    let path = store.paths.power_control(mac).path().to_path_buf();
    let change = Change::new(path, control.to_text().into_bytes(), Access::Owner)?;
    if arguments.dry_run {
        if change.is_needed() {
            program::print_text(change.diff().trim_end())?;
        }
        return Ok(if change.is_needed() { Exit::WouldChange } else { Exit::Done });
    }
    if !change.is_needed() {
        program::eprint(format_args!("host-power: {label}: nothing changes"));
        return Ok(Exit::Done);
    }
    make_dir(&store.paths.power_controls_dir(), 0o700, None)?;
    let (what, who) = ("power control set", audit::who("host-power"));
    store.journal().note(mac, &who, program::now(), what, &control.describe())?;
    store.power_controls().put(mac, &control)?;
    program::print(format_args!("{label}: {}", control.describe()))?;
    Ok(Exit::Done)
}

/// What is stored, with what was given in its place.
fn merged(old: Option<&PowerControl>, arguments: &Arguments, label: &str) -> anyhow::Result<PowerControl> {
    let mut control = match (&arguments.url, old) {
        (Some(url), _) => {
            let mut control = PowerControl::new(url.protocol);
            control.address = url.address.clone();
            control.command = url.command.clone();
            control.plain_http = url.plain_http;
            if let Some(old) = old.filter(|old| old.protocol == url.protocol) {
                control.credentials = old.credentials.clone();
                control.boot_mode = old.boot_mode;
                control.console = old.console.clone();
                // Another place is another BMC, which must show who it is.
                if old.address == control.address && old.plain_http == control.plain_http {
                    control = old.clone();
                    control.command = url.command.clone();
                }
            }
            control
        }
        (None, Some(old)) => old.clone(),
        (None, None) => {
            return Err(Ended::error(
                Exit::Usage,
                format!(
                    "{label}: nothing is stored yet; give the protocol and the address, such as redfish://10.0.9.7"
                ),
            ));
        }
    };
    let Arguments { credentials, system, cipher_suite, boot_mode, console, .. } = arguments;
    if let Some(GivenConsole(given)) = console {
        control.console = given.clone();
    }
    control.credentials = credentials.clone().or(control.credentials);
    control.system = system.clone().or(control.system);
    control.cipher_suite = cipher_suite.or(control.cipher_suite);
    control.boot_mode = boot_mode.or(control.boot_mode);
    Ok(control)
}

/// Shows the certificate of the BMC, and asks whether it is the right one.
fn shown(
    address: &BmcAddress,
    control: &PowerControl,
    arguments: &Arguments,
    label: &str,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<Sha256Digest> {
    let found = certificate(address, &Limits::new(Arc::clone(&stop)))?.fingerprint;
    if control.fingerprint == Some(found) {
        return Ok(found);
    }
    program::eprint(format_args!("host-power: {label}: the BMC at {address} shows a certificate with the SHA-256"));
    program::eprint(format_args!("  {}", colons(found)));
    if let Some(before) = control.fingerprint {
        program::eprint(format_args!("  accepted until now: {}", colons(before)));
    }
    if arguments.accept_certificate || arguments.dry_run {
        return Ok(found);
    }
    let refused = || {
        Ended::error(
            Exit::Refused,
            format!(
                "{label}: the certificate is not accepted; compare it with the console of the BMC, then: host-power set {label} redfish://{address} --fingerprint {found}"
            ),
        )
    };
    let Some(terminal) = Terminal::of_stdin() else { return Err(refused()) };
    let answer = terminal.ask("Is this the certificate of the BMC? Type yes to accept it: ", &stop)?;
    if answer.trim() == "yes" { Ok(found) } else { Err(refused()) }
}

/// As `openssl x509 -fingerprint -sha256` and the pages of BMCs print it.
pub(super) fn colons(fingerprint: Sha256Digest) -> String {
    fingerprint.to_bytes().map(|byte| format!("{byte:02X}")).join(":")
}
