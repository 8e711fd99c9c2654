// SPDX-License-Identifier: GPL-3.0-or-later
//! The page of one host.

use super::frame;
use super::row::{Row, STAGES};
use super::templates::{Page, View};
use crate::host_state::elapsed::elapsed;
use crate::host_state::history::{describe_line, newest};
use crate::host_state::log::LogLine;
use crate::host_state::{KnownHost, explain, hardware};
use crate::hps_web::api::find_host;
use crate::hps_web::site::Current;
use crate::program::{self, Ended, Exit};
use hps::host::{Attempt, Host};
use hps::types::{MacAddr, Timestamp, printable_line};

/// Lines of the history, and of the log.
const HISTORY: usize = 50;
const LOG: usize = 300;

pub(super) fn page(current: &Current, word: &str) -> anyhow::Result<Page> {
    let now = program::now();
    let (snapshot, view) = frame::view(current)?;
    let store = &snapshot.store;
    let mac = find_host(&snapshot, word)?;
    let missing = || {
        let cluster = &store.cluster.name;
        Ended::error(Exit::NotFound, format!("cluster {cluster} has no host {}", mac.colons()))
    };
    let host = store.hosts().find(mac)?.ok_or_else(missing)?;
    let (known, problem) = KnownHost::load(store, host, KnownHost::has_rules(store)?, now)?;
    let host = known.host();
    let row = Row::new(&known, &store.cluster.install.stage_limits, now);
    let _alone = current.large();
    let history: Vec<String> =
        newest(store, mac, Some(HISTORY))?.iter().rev().map(|line| plain(&describe_line(line))).collect();
    let text = store.journal().read_log(mac)?;
    let skipped = text.lines().count().saturating_sub(LOG);
    let log: Vec<String> = text.lines().skip(skipped).map(log_line).collect();
    let explanation = explain::explanation(store, mac, None, now);
    let steps = explanation.steps.iter().map(|finding| {
        let step = &finding.step;
        serde_json::json!({ "title": step.subject.title(), "finding": step.finding, "decides": step.decides })
    });
    let mut facts = facts(&known, now);
    facts.extend(problem.map(|problem| ("problem", hps::types::one_line(&problem))));
    let title = host.label();
    let (hardware, unreadable) = match store.hardware().get(mac) {
        Ok(record) => (record.as_ref().map(hardware::all_rows).unwrap_or_default(), None),
        Err(error) => (Vec::new(), Some(hps::types::one_line(&error))),
    };
    let rows = hardware.iter().map(|(key, value)| (plain(key.trim()), plain(value)));
    let hardware: Vec<(String, String)> = rows.chain(unreadable.map(|why| ("problem".to_owned(), why))).collect();
    let expected = explanation.expected_disks.iter().map(|disk| {
        serde_json::json!({
            "purpose": disk.purpose,
            "name": plain(disk.serial.as_ref().unwrap_or(&disk.name)),
            "model": plain(disk.model.as_deref().unwrap_or_default()),
            "size": disk.bytes.map(|bytes| format!("{} GiB", bytes >> 30)).unwrap_or_default(),
            "why_not": plain(disk.why_not.as_deref().unwrap_or_default()),
        })
    });
    let expected: Vec<serde_json::Value> = expected.collect();
    let body = serde_json::json!({
        "host": row,
        "facts": facts,
        "attempt": host.attempt.as_ref().map(|attempt| serde_json::json!({ "number": attempt.number, "distro": attempt.distro })),
        "stages": host.attempt.as_ref().map(stages).unwrap_or_default(),
        "all_stages": STAGES,
        "explanation": {
            "instruction": plain(&explanation.instruction),
            "disks": explanation.disks.as_deref().map(plain),
            "expected": expected,
            "advice": explanation.advice.iter().map(|line| plain(line)).collect::<Vec<_>>(),
            "steps": steps.collect::<Vec<_>>(),
        },
        "hardware": hardware,
        "history": history,
        "log": log,
        "install_log": !store.journal().install_logs(mac)?.is_empty(),
    });
    let events = format!("/api/v1/events?{}", frame::encoded(&[("host", mac.colons())]));
    Ok(Page::new("host", View { title, events, ..view }, body))
}

/// One line, without what acts on a terminal that somebody copies it to.
fn plain(text: &str) -> String {
    printable_line(text)
}

fn log_line(line: &str) -> String {
    let line = LogLine::from_line(line);
    let text = plain(line.text);
    line.at.map_or_else(|| text.clone(), |at| format!("{at} {text}"))
}

fn facts(known: &KnownHost, now: Timestamp) -> Vec<(&'static str, String)> {
    let host: &Host = known.host();
    let joined = |parts: Vec<String>| (!parts.is_empty()).then(|| parts.join(" "));
    let firmware = &host.firmware;
    let rows = [
        ("MACs", joined(host.macs().map(MacAddr::colons).collect())),
        ("type", host.host_type.map(|own| own.to_string())),
        ("profile", host.profile.map(|own| own.to_string())),
        ("address", host.address.map(|address| address.to_string())),
        ("reason", host.reason.as_ref().map(ToString::to_string)),
        ("permission", Some(known.describe_permission(now))),
        ("changed", Some(host.updated.to_string())),
        ("product", firmware.product.as_ref().map(ToString::to_string)),
        ("serial", firmware.serial.as_ref().map(ToString::to_string)),
        ("uuid", firmware.uuid.as_ref().map(ToString::to_string)),
        ("processor", host.cpu.map(|cpu| cpu.to_string())),
        ("firmware", firmware.platform.as_ref().map(ToString::to_string)),
        ("installed on", joined(host.last_disks().iter().map(ToString::to_string).collect())),
        (
            "disks of this attempt",
            host.attempt.as_ref().and_then(|attempt| joined(attempt.disks.iter().map(ToString::to_string).collect())),
        ),
        (
            "contradicted",
            host.attempt
                .as_ref()
                .and_then(|attempt| attempt.contradicted.as_ref().map(|what| format!("a report was refused: {what}"))),
        ),
        ("ssh host key", host.proven_host_key().map(ToString::to_string)),
    ];
    rows.into_iter().filter_map(|(title, value)| Some((title, plain(&value?)))).collect()
}

fn stages(attempt: &Attempt) -> Vec<serde_json::Value> {
    let times = std::iter::once(attempt.since).chain(attempt.stages.iter().map(|stage| stage.at));
    let pairs = attempt.stages.iter().zip(times);
    let rows = pairs.map(|(stage, before)| {
        serde_json::json!({
            "name": stage.stage,
            "at": stage.at,
            "after": elapsed(stage.at.since(attempt.since)),
            "took": elapsed(stage.at.since(before)),
        })
    });
    rows.collect()
}
