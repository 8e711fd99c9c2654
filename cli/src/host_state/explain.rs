// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state explain` and `host-state render`: what a host would be served now, and why, by the boot manager's own code.

use super::elapsed::ago;
use super::find::{HostArgument, completer};
use super::readers;
use super::view::describe_stalled;
use crate::program::{self, Exit};
use hps::boot_context::BootContext;
use hps::manager::{self, ExpectedDisk, Explanation, Running};
use hps::store::{Store, StoreError};
use hps::types::{FirmwareInfo, MacAddr, Timestamp, one_line};
use std::net::Ipv4Addr;

/// Explain what a host would boot now, and why.
///
/// Each step names what was checked, what was found and in which file, in the order of the decision.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state explain sch-001
  host-state explain 52:54:00:12:34:56 --from 10.0.0.140
  host-state explain sch-001 --json")]
pub(crate) struct Explain {
    /// MAC or host name; the MAC of an unknown machine is accepted too
    #[arg(add = completer())]
    host: HostArgument,
    #[command(flatten)]
    sender: Sender,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Print exactly what a host would be served: boot script, answer file and DHCP entry.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state render sch-001
  host-state render sch-001 --part boot
  sudo host-state render sch-001 --part answer --secrets | ksvalidator -v RHEL10 -")]
pub(super) struct Render {
    /// MAC or host name; the MAC of an unknown machine is accepted too
    #[arg(add = completer())]
    host: HostArgument,
    #[command(flatten)]
    sender: Sender,
    /// Only one part, without a heading
    #[arg(long, value_enum)]
    part: Option<Part>,
    /// Also print tickets, tokens and password hashes, which are masked otherwise
    #[arg(long)]
    secrets: bool,
    /// Answer in JSON
    #[arg(long, conflicts_with = "part")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// The iPXE script of boot_action
    Boot,
    /// The answer file of the installer
    Answer,
    /// The line for dnsmasq
    Dhcp,
}

#[derive(Debug, clap::Args)]
struct Sender {
    /// Check the request as if it came from this address [default: the host's own]
    #[arg(long, value_name = "ADDRESS")]
    from: Option<Ipv4Addr>,
}

impl Sender {
    /// The host as the boot manager would see it, and 1 if a file of it could not be read.
    fn boot_context(&self, store: &Store, host: &HostArgument, now: Timestamp) -> anyhow::Result<(BootContext, Exit)> {
        let (machine, ignored) = boot_context(store, host.mac(store)?, self.from, now);
        let Some(error) = ignored else { return Ok((machine, Exit::Done)) };
        program::eprint(format_args!("host-state: {}; this answer ignores the file", one_line(&error)));
        Ok((machine, Exit::Failed))
    }
}

/// A machine as the boot manager would see it, and why the note of an unknown machine could not be read, if that is so.
fn boot_context(
    store: &Store,
    mac: MacAddr,
    from: Option<Ipv4Addr>,
    now: Timestamp,
) -> (BootContext, Option<StoreError>) {
    let (firmware, ignored) = match store.pending().get(mac) {
        Ok(waiting) => (waiting.map(|p| p.firmware).unwrap_or_default(), None),
        Err(error) => (FirmwareInfo::default(), Some(error)),
    };
    let machine = BootContext::load(store, mac, from, &firmware, now).with_probable_host(store);
    (if from.is_none() { machine.assumed() } else { machine }, ignored)
}

/// What a machine would boot now, and why.
pub(crate) fn explanation(store: &Store, mac: MacAddr, from: Option<Ipv4Addr>, now: Timestamp) -> Explanation {
    let (machine, ignored) = boot_context(store, mac, from, now);
    let mut explanation = explanation_of(store, &machine, now);
    let ignored = ignored.map(|error| format!("{}; this answer ignores the file.", one_line(&error)));
    explanation.advice.splice(0..0, ignored);
    explanation
}

fn explanation_of(store: &Store, machine: &BootContext, now: Timestamp) -> Explanation {
    let mut explanation = manager::explain(store, machine, now);
    // This program reads as root; the boot manager does not.
    for found in readers::unreadable(&readers::files_of_host(store, machine.mac)) {
        let advice = format!("This answer is not what the machine gets while {}; {}", found.problem(), found.advice());
        explanation.advice.insert(0, advice);
    }
    explanation
}

pub(super) fn explain(store: &Store, arguments: &Explain) -> anyhow::Result<Exit> {
    let now = program::now();
    let (machine, exit) = arguments.sender.boot_context(store, &arguments.host, now)?;
    let explanation = explanation_of(store, &machine, now);
    if arguments.json {
        program::print_json(&explanation)?;
    } else {
        print(&explanation, now)?;
    }
    Ok(exit)
}

fn print(explanation: &Explanation, now: Timestamp) -> std::io::Result<()> {
    let Explanation { host, mac, instruction, running, steps, disks, expected_disks, advice, .. } = explanation;
    // A pipe gets each sentence in one line.
    let width = program::terminal_width();
    let name = if host == mac { mac.clone() } else { format!("{host} ({mac})") };
    if let Some(running) = running {
        program::print_text(program::wrapped_sentences(
            "",
            &format!("{name} is being installed now: {}", describe_running(running, now)),
            width,
        ))?;
    }
    program::print_text(program::wrapped_sentences(
        "",
        &format!("If {name} booted from the network now, it would be told to {instruction}."),
        width,
    ))?;
    program::print_heading("Why, step by step:")?;
    for (number, finding) in steps.iter().enumerate() {
        let mark = if finding.step.decides { " <- this decides" } else { "" };
        let title = format!("{:>3}. {:<14} ", number + 1, finding.step.subject.title());
        program::print_text(program::wrapped_sentences(&title, &format!("{}{mark}", finding.step.finding), width))?;
        for file in &finding.files {
            program::print(format_args!("{:20}{}", "", file.display()))?;
        }
    }
    if let Some(disks) = disks {
        program::print_heading("Its installer would choose from the disks that are neither removable nor read-only:")?;
        program::print_text(program::wrapped_sentences("  ", disks, width))?;
    }
    if !expected_disks.is_empty() {
        program::print_heading(
            "Of the disks in its hardware record it would take (only the machine sees what is on them):",
        )?;
        for disk in expected_disks {
            program::print_text(program::wrapped(&describe_disk(disk), 11))?;
        }
    }
    if !advice.is_empty() {
        program::print_heading("What can be done:")?;
    }
    for sentence in advice {
        program::print_text(program::wrapped_sentences("  ", sentence, width))?;
    }
    Ok(())
}

/// `  system   S1 (ST4000, 4000787030016 bytes)`.
fn describe_disk(disk: &ExpectedDisk) -> String {
    let name = disk.serial.as_ref().unwrap_or(&disk.name);
    let details: Vec<String> =
        disk.model.iter().cloned().chain(disk.bytes.map(|bytes| format!("{} GiB", bytes >> 30))).collect();
    let why = disk.why_not.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    format!("  {:<8} {name} ({}){why}", disk.purpose, details.join(", "))
}

/// `attempt 2, 1 of 3 of its permission, with x86_64-linux-debian-12; in packages since ... (3h ago); STALLED in packages for
/// 3h, limit 2h.`
fn describe_running(running: &Running, now: Timestamp) -> String {
    let Running { attempt, of_permission, most, distro, since, stage, stalled } = running;
    let (stage, since) = stage.as_ref().map_or(("begun", *since), |s| (s.stage.as_str(), s.at));
    let stalled = stalled.as_ref().map_or_else(String::new, |s| format!("; {}", describe_stalled(s)));
    format!(
        "attempt {attempt}, {of_permission} of {most} of its permission, with {distro}; {stage} since {since} ({}){stalled}.",
        ago(now.since(since))
    )
}

pub(super) fn render(store: &Store, arguments: &Render) -> anyhow::Result<Exit> {
    let now = program::now();
    let (machine, exit) = arguments.sender.boot_context(store, &arguments.host, now)?;
    let preview = manager::preview(store, &machine, now);
    let shown = |text: &str| if arguments.secrets { text.to_owned() } else { preview.masked(text) };
    let answer = preview.answer_file.as_deref().map(&shown);
    let dhcp = preview.dhcp_entry.as_deref().map(&shown);
    let boot = shown(&preview.boot_script);
    if arguments.json {
        program::print_json(&serde_json::json!({
            "boot_script": boot,
            "answer_file": answer.as_ref().ok(),
            "answer_file_missing": answer.as_ref().err().map(ToString::to_string),
            "dhcp_entry": dhcp,
        }))?;
        return Ok(exit);
    }
    let missing = |what: &str| crate::program::Ended::error(Exit::NotFound, what.to_owned());
    let host = machine.mac.colons();
    match arguments.part {
        Some(Part::Boot) => program::print_bytes(boot.as_bytes())?,
        Some(Part::Answer) => match answer {
            Ok(text) => program::print_bytes(text.as_bytes())?,
            Err(why) => return Err(missing(&format!("{host} has no answer file: {why}"))),
        },
        Some(Part::Dhcp) => match dhcp {
            Some(text) => program::print_bytes(text.as_bytes())?,
            None => return Err(missing(&format!("{host} has no DHCP entry: it has no address yet"))),
        },
        None => {
            program::print("### boot script")?;
            program::print_text(boot.trim_end())?;
            program::print_heading("### answer file")?;
            match &answer {
                Ok(text) => program::print_text(text.trim_end())?,
                Err(why) => program::print(format_args!("(none: {why})"))?,
            }
            program::print_heading("### DHCP entry")?;
            program::print_text(dhcp.as_deref().map_or("(none: it has no address yet)", str::trim_end))?;
        }
    }
    Ok(exit)
}
