// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state hardware`: what a machine reported about itself.

use super::find::{HostArgument, completer};
use super::operator::who;
use crate::program::{self, Ended, Exit};
use hps::hardware::{Board, Card, Change, Disk, Hardware, HardwareRecord, Health, MemoryModule};
use hps::store::Store;
use hps::types::{Line, MacAddr};

/// Show the hardware of a machine: processor, memory, disks, cards, management controller.
///
/// The machine reported it at its last installation.
/// It is what the machine says about itself, and proves nothing.
///
/// With --changes only what differs from the last report before it that was another one.
/// What is gone, smaller, failing or another one is also in check, list and watch, until --accept.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state hardware sch-001
  host-state hardware sch-001 --json | jq -r '.now.disks[].serial'
  host-state hardware sch-001 --changes
  host-state hardware sch-001 --accept")]
pub(crate) struct Arguments {
    /// MAC or host name
    #[arg(add = completer())]
    host: HostArgument,
    /// Only what changed
    #[arg(long)]
    changes: bool,
    /// Note that the changes are known: check, list and watch no longer name them
    #[arg(long, conflicts_with = "changes")]
    accept: bool,
    /// With --accept: show what would be accepted, and change nothing; exit code 10
    #[arg(long, requires = "accept")]
    dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        !self.accept
    }
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mac = arguments.host.mac(store)?;
    let Some(record) = store.hardware().get(mac)? else {
        let host = store.hosts().find(mac)?.map_or_else(|| mac.colons(), |host| host.label());
        let line = format!("{host} has not reported its hardware yet; it does so at its next installation");
        return Err(Ended::error(Exit::NotFound, line));
    };
    if arguments.accept {
        return accept(store, mac, &record, arguments);
    }
    if arguments.changes {
        changes(&record.changes(), arguments.json)?;
    } else if arguments.json {
        program::print_json(&Answer { record: &record, changes: record.changes() })?;
    } else {
        for (key, value) in all_rows(&record) {
            program::print_text(program::wrapped(&format!("{key:<15} {value}"), 16))?;
        }
    }
    Ok(Exit::Done)
}

/// The record in JSON.
#[derive(serde::Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    record: &'a HardwareRecord,
    changes: Vec<Change>,
}

fn changes(found: &[Change], json: bool) -> anyhow::Result<()> {
    if json {
        return program::print_json(&found);
    }
    Ok(found.iter().try_for_each(program::print)?)
}

fn accept(store: &Store, mac: MacAddr, record: &HardwareRecord, arguments: &Arguments) -> anyhow::Result<Exit> {
    let losses = record.losses();
    changes(&losses, arguments.json)?;
    if losses.is_empty() {
        return Ok(Exit::Done);
    }
    if arguments.dry_run {
        return Ok(Exit::WouldChange);
    }
    program::need_root()?;
    store.hardware().accept(mac, &who(), program::now())?;
    Ok(Exit::Done)
}

/// All of it, a row for each part, and what changed.
pub(crate) fn all_rows(record: &HardwareRecord) -> Vec<(String, String)> {
    rows(&record.now).into_iter().chain(record_rows(record)).collect()
}

/// When it was reported, and what changed.
fn record_rows(record: &HardwareRecord) -> Vec<(String, String)> {
    let mut rows = vec![("reported".to_owned(), format!("{}, {}", record.now.at, record.now.occasion))];
    let accepted = if record.accepted { " (accepted)" } else { "" };
    rows.extend(record.changes().iter().map(|change| (format!("changed{accepted}"), change.to_string())));
    rows
}

/// One row for each part.
fn rows(hardware: &Hardware) -> Vec<(String, String)> {
    let mut rows = board(&hardware.board);
    let mut add = |key: &str, value: String| rows.push((key.to_owned(), value));
    if let Some(processor) = &hardware.processor {
        let model = text(&processor.model).unwrap_or("unknown model");
        add(
            "processor",
            format!("{} x {model}, {} cores, {} threads", processor.sockets, processor.cores, processor.threads),
        );
    }
    if let Some(mib) = hardware.memory_mib {
        add("memory", format!("{mib} MiB"));
    }
    for module in &hardware.modules {
        add(&format!("  {}", text(&module.slot).unwrap_or("module")), describe_module(module));
    }
    for disk in &hardware.disks {
        add(&format!("disk {}", disk.name), describe_disk(disk));
    }
    for card in &hardware.cards {
        add(&format!("card {}", card.name), describe_card(card));
    }
    if let Some(bmc) = &hardware.bmc {
        let address = bmc.address.map(|address| address.to_string());
        let mac = bmc.mac.map(MacAddr::colons);
        let firmware = text(&bmc.firmware).map(|version| format!("firmware {version}"));
        add("bmc", joined([address, mac, firmware]));
    }
    rows
}

/// The line of `show`, and what a person should look at.
pub(super) fn summary_rows(record: &HardwareRecord) -> Vec<(&'static str, String)> {
    let mut rows = vec![("hardware", format!("{} ({} {})", record.now.summary(), record.now.occasion, record.now.at))];
    rows.extend(record.losses().iter().map(|change| ("  changed", change.to_string())));
    rows
}

fn text(line: &Option<Line>) -> Option<&str> {
    line.as_ref().map(Line::as_str)
}

fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn serial(line: &Option<Line>) -> Option<String> {
    text(line).map(|serial| format!("serial {serial}"))
}

fn board(board: &Board) -> Vec<(String, String)> {
    let owned = |line: &Option<Line>| text(line).map(str::to_owned);
    let machine = [owned(&board.maker), owned(&board.product), serial(&board.serial)];
    let chassis = text(&board.chassis_serial).map(|serial| format!("chassis serial {serial}"));
    let rows = [
        ("machine", joined(machine.into_iter().chain([chassis]))),
        ("board", joined([owned(&board.board), serial(&board.board_serial)])),
        ("firmware", joined([owned(&board.firmware)])),
    ];
    rows.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn describe_module(module: &MemoryModule) -> String {
    let owned = |line: &Option<Line>| text(line).map(str::to_owned);
    joined([
        Some(format!("{} MiB", module.mib)),
        owned(&module.kind),
        owned(&module.speed),
        owned(&module.maker),
        owned(&module.part),
        serial(&module.serial),
    ])
}

fn describe_disk(disk: &Disk) -> String {
    let owned = |line: &Option<Line>| text(line).map(str::to_owned);
    let turns = disk.rotational.map(|turns| if turns { "rotational" } else { "not rotational" }.to_owned());
    joined([
        owned(&disk.model),
        disk.bytes.map(|bytes| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))),
        disk.bus.map(|bus| bus.to_string()),
        turns,
        serial(&disk.serial),
        text(&disk.wwn).map(|wwn| format!("wwn {wwn}")),
        text(&disk.firmware).map(|version| format!("firmware {version}")),
        owned(&disk.obstacle),
        disk.health.as_ref().map(describe_health),
    ])
}

fn describe_health(health: &Health) -> String {
    let verdict = health.complaint().unwrap_or_else(|| {
        if health.passed == Some(true) { "it reports that it is well" } else { "it reports no verdict" }.to_owned()
    });
    joined([
        Some(verdict),
        health.celsius.map(|celsius| format!("{celsius} degrees")),
        health.hours.map(|hours| format!("{hours} hours")),
        health.reallocated.filter(|count| *count > 0).map(|count| format!("{count} sectors replaced")),
    ])
}

fn describe_card(card: &Card) -> String {
    let owned = |line: &Option<Line>| text(line).map(str::to_owned);
    let link = card.link.map(|link| match (link, card.mbit) {
        (true, Some(mbit)) => format!("link {mbit} Mbit/s"),
        (true, None) => "link".to_owned(),
        (false, _) => "no link".to_owned(),
    });
    joined([
        Some(card.mac.colons()),
        owned(&card.driver),
        text(&card.firmware).map(|version| format!("firmware {version}")),
        link,
        card.max_mbit.map(|mbit| format!("up to {mbit} Mbit/s")),
        card.neighbour.as_ref().map(|other| format!("at {} port {}", other.switch, other.port)),
    ])
}
