// SPDX-License-Identifier: GPL-3.0-or-later
//! docs/reference/boot.md and states.md against the code: each line of a table is driven, and each case has its line.

use super::errors::{OTHERS, SCRIPTS};
use super::site::mac;
use super::tables::{fits, reference, table, words};
use crate::boot::identity::{Identity, Proof};
use crate::boot::{Decision, Facts, MenuPage, Source, Trace, decide};
use crate::config::Cluster;
use crate::host::{
    Event, Grant, Host, HostState, Installed, Mark, Permission, PermissionId, PermissionRef, PermissionSource,
};
use crate::manager::method::allowed;
use crate::manager::{Problem, Response};
use crate::types::{HostType, Line, Stage, Timestamp};
use std::collections::BTreeSet;

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Reason(&'static str);

const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");
const MOST: u32 = 3;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// The words that a line may ask for.
#[derive(Debug, Clone)]
struct Case {
    record: String,
    mark: Option<Timestamp>,
    given_by: Option<PermissionSource>,
    clock: &'static str,
    installation: &'static str,
    begun: u32,
    place: bool,
    sender: Identity,
    published: bool,
    contradict: bool,
    enrolment: &'static str,
}

impl Case {
    fn state(&self) -> Option<HostState> {
        self.record.parse().ok()
    }

    fn was_installed(&self) -> bool {
        self.mark.is_some() || self.state().is_some_and(HostState::has_system)
    }

    fn marks(&self) -> Vec<Mark> {
        self.mark.map(|at| Mark::new(at, &"lab".parse().unwrap())).into_iter().collect()
    }

    fn installed(&self) -> Installed {
        Installed::of(Some(self.marks()), self.host().as_ref())
    }

    fn permission(&self) -> Option<Permission> {
        let (given_at, expires) = match self.clock {
            "within" => (at(1_000), at(9_000)),
            "after its end" => (at(1_000), at(5_000)),
            _ => (at(50_000), at(90_000)),
        };
        let grant = Grant {
            mac: mac(),
            host_type: HostType::Sch,
            profile: None,
            distro: "x86_64-linux-rockylinux-10.1".parse().unwrap(),
            wipe: Vec::new(),
            given_by: Line::lossy("root"),
            given_at,
            expires,
            reason: Line::lossy(""),
        };
        let known = self.mark.filter(|at| *at < given_at).is_some();
        let after = if known { self.installed().names() } else { Vec::new() };
        let permission = Permission::new(PermissionId::from_random([1; 16]), self.given_by?, grant);
        Some(permission.given_after(after))
    }

    fn host(&self) -> Option<Host> {
        let state = self.state()?;
        let mut host = Host::new(mac(), at(0));
        if self.place {
            host.address = Some("10.0.0.2".parse().unwrap());
            host.name = Some("sch-001".parse().unwrap());
        }
        for _ in 0..self.begun {
            let distro = "x86_64-linux-rockylinux-10.1".parse().unwrap();
            host.begin_attempt(&PermissionRef::sample(PermissionId::from_random([1; 16])), distro, None, at(4_000))
                .unwrap();
        }
        host.apply(Event::SetByOperator(state), at(4_000)).unwrap();
        Some(host)
    }

    fn decide(&self) -> Decision {
        let text = CLUSTER.replace("\"menu\"", &format!("{:?}", self.enrolment));
        let cluster = Cluster::parse(&text).unwrap();
        let (host, permission) = (self.host(), self.permission());
        let tree = Source::Tree { path: crate::types::Line::lossy("t") };
        let facts = Facts {
            cluster: &cluster,
            mac: mac(),
            host: if self.record == "unreadable" { Err(&Reason("line 3")) } else { Ok(host.as_ref()) },
            permission: permission.as_ref(),
            rules_problem: if self.contradict { Some(&Reason("rule a and rule b")) } else { None },
            installed: &self.installed(),
            identity: self.sender,
            source: if self.published { Ok(&tree) } else { Err(&Reason("no tree")) },
            now: at(5_000),
        };
        decide(&facts, &mut Trace::off())
    }
}

/// Everything that can be, but for what cannot be together.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let records = HostState::ALL.map(|s| s.to_string()).into_iter().chain(["none".to_owned(), "unreadable".to_owned()]);
    for record in records {
        let known = record.parse::<HostState>().ok();
        for mark in [None, Some(at(1)), Some(at(4_500))] {
            let mut permissions = vec![(None, "within", "not begun", 0)];
            for source in [PermissionSource::Operator, PermissionSource::Menu, PermissionSource::Rule] {
                for clock in ["within", "after its end", "before it was given"] {
                    let older = mark == Some(at(4_500));
                    permissions.push((Some(source), clock, if older { "older" } else { "not begun" }, 0));
                    for begun in [1, MOST] {
                        let runs = known == Some(HostState::Installing) && mark != Some(at(4_500));
                        if known.is_some() {
                            permissions.push((Some(source), clock, if runs { "runs" } else { "ended" }, begun));
                        }
                    }
                }
            }
            for (given_by, clock, installation, begun) in permissions {
                for rest in 0..48_usize {
                    let (bit, third) = (|n: usize| rest >> n & 1 == 1, rest / 16);
                    let stranger = Identity::Foreign("525400000009".parse().unwrap());
                    cases.push(Case {
                        record: record.clone(),
                        mark,
                        given_by,
                        clock,
                        installation,
                        begun,
                        place: bit(0),
                        published: bit(1),
                        contradict: bit(2),
                        enrolment: if bit(3) { "armed" } else { "menu" },
                        sender: [Identity::Proven(Proof::Lease), stranger, Identity::Unknown][third],
                    });
                }
            }
        }
    }
    cases
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn live_by(rows: &[[String; 5]], case: &Case) -> bool {
    let Some(source) = case.given_by else { return false };
    let given_by = match source {
        PermissionSource::Operator => "operator",
        PermissionSource::Menu => "menu",
        PermissionSource::Rule => "rule",
    };
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
        Decision::Enrol(_) => "enrol",
        Decision::LocalBoot(None) => "local disk",
        Decision::LocalBoot(Some(_)) => "local disk, with a notice",
        Decision::Menu(MenuPage::Main, None) => "main menu",
        Decision::Menu(MenuPage::Main, Some(_)) => "main menu, with a notice",
        Decision::Menu(MenuPage::Install, _) => "install menu",
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
            "no attempt left" => case.begun >= MOST,
            "by rule" => case.given_by == Some(PermissionSource::Rule),
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
    let problems = [
        Problem::Malformed,
        Problem::UnknownCommand,
        Problem::Mac,
        Problem::Refused,
        Problem::NotKnown,
        Problem::Method,
        Problem::NotNow,
        Problem::TooLarge,
        Problem::NotAble,
    ];
    let listed: Vec<(String, String)> = rows.into_iter().map(|[status, word, _]| (status, word)).collect();
    let known = problems.map(|p| (Response::problem(p, false).status().to_string(), p.word().to_owned()));
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
