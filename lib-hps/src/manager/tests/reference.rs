// SPDX-License-Identifier: GPL-3.0-or-later
//! docs/reference/boot.md and states.md against the code: each line of a table is driven, and each case has its line.

use super::cases::{Case, MAX_ATTEMPTS, cases};
use super::commands::{OTHERS, SCRIPTS};
use super::tables::{fits, reference, table, words};
use crate::boot::{Decision, MenuPage};
use crate::host::{Event, HostState, PermissionSource};
use crate::manager::method::allowed;
use crate::manager::{Problem, Response};
use crate::types::Stage;
use std::collections::BTreeSet;

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn live_by(rows: &[[String; 5]], case: &Case) -> bool {
    let Some(source) = case.given_by else { return false };
    let given_by = source.as_str();
    let row = rows.iter().find(|[by, clock, installed, installation, _]| {
        fits(by, given_by)
            && fits(clock, case.clock)
            && fits(installed, yes(case.was_installed()))
            && fits(installation, case.installation)
    });
    row.unwrap_or_else(|| panic!("no line for {case:?}"))[4] == "yes"
}

fn answer(decision: &Decision) -> &'static str {
    match decision {
        Decision::Install(_) => "installer",
        Decision::Task(_) => "task",
        Decision::Erase(_) => "erase",
        Decision::Enrol(_) => "enrol",
        Decision::LocalBoot(None) => "local disk",
        Decision::LocalBoot(Some(_)) => "local disk, with a notice",
        Decision::Menu(MenuPage::Main, None) => "main menu",
        Decision::Menu(MenuPage::Main, Some(_)) => "main menu, with a notice",
        Decision::Menu(MenuPage::Install, _) => "install menu",
        Decision::OwnDisk => "own disk",
        Decision::Wait => "wait",
        Decision::GiveUp { .. } => "give up",
        Decision::Stop(_) => "stop",
    }
}

#[test]
fn the_table_of_boot_action_is_the_decision() {
    let text = reference("boot.md");
    let columns = ["record", "ever installed", "permission", "sender", "published", "rules", "enrolment", "answer"];
    let rows = table(&text, columns);
    let live_rows = table(&text, ["given by", "clock", "ever installed", "its installation", "live"]);
    let mut used = BTreeSet::new();
    for case in cases() {
        let live = live_by(&live_rows, &case);
        let permission = |word: &str| match word {
            "any" => true,
            "none" => !live,
            "live" => live,
            "no attempt left" => case.begun >= MAX_ATTEMPTS,
            "by rule" => case.given_by == Some(PermissionSource::Rule),
            "never tried" => case.begun == 0,
            "no place" => !(case.place && case.state().is_some()),
            other => panic!("{other}"),
        };
        let found = rows.iter().position(|row| {
            fits(&row[0], &case.record)
                && fits(&row[1], yes(case.was_installed()))
                && words(&row[2]).all(permission)
                && fits(&row[3], if case.sender.is_proven() { "proven" } else { "not proven" })
                && fits(&row[4], yes(case.published))
                && fits(&row[5], if case.contradict { "contradict" } else { "agree" })
                && fits(&row[6], case.enrolment)
        });
        let line = found.unwrap_or_else(|| panic!("no line for {case:?}"));
        let decision = case.decide();
        assert_eq!(answer(&decision), rows[line][7], "line {}: {:?}, {case:?}", line + 1, rows[line]);
        used.insert(line);
    }
    assert_eq!(used.len(), rows.len(), "each line decides something");
}

#[test]
fn the_drawing_of_the_states_is_the_function() {
    let text = reference("states.md");
    let mut drawn = BTreeSet::new();
    for line in text.lines().filter(|line| line.contains(" --> ") && !line.contains("[*]")) {
        let (from, rest) = line.trim().split_once(" --> ").unwrap();
        let (to, events) = rest.split_once(": ").unwrap();
        for event in words(events) {
            assert!(drawn.insert((from.to_owned(), event.to_owned(), to.to_owned())), "twice: {line}");
        }
    }
    let events = [
        Event::TypeChosen,
        Event::Armed,
        Event::AnswerFetched,
        Event::GaveUp,
        Event::Unconfigured,
        Event::ReinstallAsked,
        Event::Erased,
        Event::EraseFailed,
    ];
    let events = events.into_iter().chain(Stage::ALL.map(Event::Reported));
    let mut moves = BTreeSet::new();
    for event in events {
        for from in HostState::ALL {
            if let Some(to) = from.apply(event).ok().filter(|to| *to != from) {
                moves.insert((from.to_string(), event.to_string(), to.to_string()));
            }
        }
    }
    assert_eq!(drawn, moves, "docs/reference/states.md draws what HostState::apply does");
    let listed: Vec<String> = table(&text, ["state", "what it says"]).into_iter().map(|[state, _]| state).collect();
    assert_eq!(listed, HostState::ALL.map(|s| s.to_string()));
}

#[test]
fn the_table_of_errors_is_complete() {
    let rows = table(&reference("boot.md"), ["status", "word", "when"]);
    let listed: Vec<(String, String)> = rows.into_iter().map(|[status, word, _]| (status, word)).collect();
    let known = Problem::ALL.map(|p| (Response::problem(p, false).status().to_string(), p.as_str().to_owned()));
    assert_eq!(listed, known);
}

#[test]
fn every_setting_of_the_shell_release_is_explained() {
    let rows = table(&reference("legacy.md"), ["setting", "answer", "what it does", "what it costs"]);
    let listed: Vec<String> = rows.into_iter().map(|[setting, ..]| setting).collect();
    assert_eq!(listed, crate::config::Legacy::default().settings().map(|(name, ..)| name.to_owned()));
}

#[test]
fn every_command_of_the_wire_is_listed() {
    let rows = table(&reference("wire.md"), ["cmd", "methods", "parameters", "answer"]);
    for [command, methods, ..] in &rows {
        assert_eq!(allowed(command), Some(methods.as_str()), "{command}");
    }
    let listed: Vec<String> = rows.into_iter().map(|[command, ..]| command).collect();
    assert_eq!(listed, [&SCRIPTS[..], &OTHERS[..]].concat());
}
