// SPDX-License-Identifier: GPL-3.0-or-later
//! Each case that the tables of docs/reference/boot.md speak of.

use super::site::mac;
use crate::boot::identity::{Identity, Proof};
use crate::boot::{Decision, Facts, Source, Trace, decide};
use crate::config::Cluster;
use crate::host::{
    Event, Grant, Host, HostState, Installed, Mark, Permission, PermissionId, PermissionRef, PermissionSource,
};
use crate::types::{HostType, Line, Timestamp};

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Reason(&'static str);

const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");

pub(super) const MAX_ATTEMPTS: u32 = 3;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// The words that a line may ask for.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) record: String,
    pub(super) mark: Option<Timestamp>,
    pub(super) given_by: Option<PermissionSource>,
    pub(super) clock: &'static str,
    pub(super) installation: &'static str,
    pub(super) begun: u32,
    pub(super) place: bool,
    pub(super) sender: Identity,
    pub(super) published: bool,
    pub(super) contradict: bool,
    pub(super) enrolment: &'static str,
}

impl Case {
    pub(super) fn state(&self) -> Option<HostState> {
        self.record.parse().ok()
    }

    pub(super) fn was_installed(&self) -> bool {
        self.mark.is_some() || self.state().is_some_and(HostState::has_system)
    }

    fn marks(&self) -> Vec<Mark> {
        self.mark.map(|at| Mark::new(at, &"lab".parse().unwrap())).into_iter().collect()
    }

    pub(super) fn installed(&self) -> Installed {
        Installed::new(Some(self.marks()), self.host().as_ref())
    }

    fn permission(&self) -> Option<Permission> {
        let (given_at, expires) = match self.clock {
            "within" => (at(1_000), at(9_000)),
            "after its end" => (at(1_000), at(5_000)),
            _ => (at(50_000), at(90_000)),
        };
        let grant = Grant {
            mac: mac(),
            host_type: HostType::SCH,
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

    pub(super) fn decide(&self) -> Decision {
        let (enrolment, boot) = match self.enrolment {
            "menu" => ("menu", ""),
            "armed local" => ("armed", "[boot]\nunknown = \"local\"\n"),
            _ => ("armed", "[boot]\nunknown = \"wait\"\n"),
        };
        let text = CLUSTER.replace("\"menu\"", &format!("{enrolment:?}")) + boot;
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
            remote: None,
            firmware: &crate::types::FirmwareInfo::default(),
            source: if self.published { Ok(&tree) } else { Err(&Reason("no tree")) },
            task: None,
            erase: None,
            now: at(5_000),
        };
        decide(&facts, &mut Trace::off())
    }
}

/// Everything that can be, but for what cannot be together.
pub(super) fn cases() -> Vec<Case> {
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
                    for begun in [1, MAX_ATTEMPTS] {
                        let runs = known == Some(HostState::Installing) && mark != Some(at(4_500));
                        if known.is_some() {
                            permissions.push((Some(source), clock, if runs { "runs" } else { "ended" }, begun));
                        }
                    }
                }
            }
            for (given_by, clock, installation, begun) in permissions {
                for rest in 0..72_usize {
                    let (bit, third, enrolment) = (|n: usize| rest >> n & 1 == 1, rest / 24, rest / 8 % 3);
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
                        enrolment: ["menu", "armed local", "armed wait"][enrolment],
                        sender: [Identity::Proven(Proof::Lease), stranger, Identity::Unknown][third],
                    });
                }
            }
        }
    }
    cases
}
