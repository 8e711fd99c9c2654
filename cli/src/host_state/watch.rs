// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state watch`: a line for each step, as it happens.
//!
//! It reads the files again and again. This needs no service and costs almost nothing for the hosts of one screen. It
//! misses no step, because the record has each step with its time.

use super::complete;
use super::effective_permission::{EffectivePermission, has_rules};
use super::find::{completer, macs_of, refs_of};
use super::host_word::HostWord;
use super::view::hardware_losses;
use super::watch_step::{Step, What};
use crate::program::{self, Exit};
use hps::host::{Host, HostState};
use hps::store::Store;
use hps::types::{Lifetime, MacAddr};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Show the progress of hosts as it happens; end with Ctrl-C.
///
/// Each step is one line: time, host, state, stage, and the seconds since the attempt began.
/// A stage that takes longer than the cluster's limit is reported too, and hardware that a machine lost.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state watch
  host-state watch sch-001 --until INSTALLED --timeout 2h
  host-state watch 'sch-[001-040]' --until INSTALLED
  host-state watch --json | jq -r 'select(.state == \"FAILED\") | .host'")]
pub(crate) struct Arguments {
    /// MACs, host names, addresses, or ranges such as 'sch-[001-040]' [default: all hosts]
    #[arg(add = completer())]
    host: Vec<HostWord>,
    /// End when every given host is in this state; exit code 1 when one becomes FAILED instead
    #[arg(value_parser = program::in_any_case::<HostState>, long, value_name = "STATE", requires = "host", add = complete::states())]
    until: Option<HostState>,
    /// End after this time, with exit code 1
    #[arg(long, value_name = "TIME", add = complete::times())]
    timeout: Option<Lifetime>,
    /// Answer in JSON, one object in each line: at, host, mac, and event, which is attempt, stage, state, hardware or stalled
    #[arg(long)]
    json: bool,
}

const PAUSE: Duration = Duration::from_millis(250);

/// What was said of a host.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    state: Option<HostState>,
    attempt: u32,
    stages: usize,
    /// The attempt and the number of stages when it was last reported as stalled.
    stalled: Option<(u32, usize)>,
    losses: Vec<String>,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let ended = program::interrupted()?;
    let macs = macs_of(store, &refs_of(store, &arguments.host)?)?;
    let begun = Instant::now();
    let mut shown: HashMap<MacAddr, Shown> = HashMap::new();
    loop {
        let hosts = read(store, &macs)?;
        for host in &hosts {
            let shown = shown.entry(host.mac()).or_default();
            for step in shown.steps(store, host) {
                step.print(arguments.json)?;
            }
        }
        if let Some(until) = arguments.until {
            if hosts.len() == macs.len() && hosts.iter().all(|h| h.state() == until && !is_armed(store, h)) {
                return Ok(Exit::Done);
            }
            if until != HostState::Failed && hosts.iter().any(|h| h.state() == HostState::Failed) {
                return Ok(Exit::Failed);
            }
        }
        if ended.load(Ordering::Relaxed) {
            return Ok(if arguments.until.is_some() { Exit::Failed } else { Exit::Done });
        }
        if arguments.timeout.is_some_and(|t| begun.elapsed().as_secs() >= t.as_secs()) {
            program::eprint("host-state: the limit of --timeout was reached; see host-state list");
            return Ok(Exit::Failed);
        }
        std::thread::sleep(PAUSE);
    }
}

/// The installation of an armed host is still to come, in any state.
fn is_armed(store: &Store, host: &Host) -> bool {
    // If that cannot be read now, it is read again: an unfinished host must not count as done.
    effective(store, host).is_none_or(|effective| effective.current().is_some())
}

fn effective(store: &Store, host: &Host) -> Option<EffectivePermission> {
    EffectivePermission::load(store, host, has_rules(store).ok()?, program::now()).ok()
}

/// `rule rack7`, for the attempt that runs under it.
fn given_by(store: &Store, host: &Host) -> Option<String> {
    let permission = effective(store, host).and_then(|effective| effective.permission);
    permission.filter(|p| host.attempt.as_ref().is_some_and(|a| a.permission == p.id)).map(|p| p.given_by.to_string())
}

/// The watched hosts; one without a record, or with an unreadable one, is read again later.
fn read(store: &Store, macs: &[MacAddr]) -> anyhow::Result<Vec<Host>> {
    if macs.is_empty() {
        return Ok(store.hosts().list()?.into_iter().filter_map(|f| f.host.ok()).collect());
    }
    Ok(macs.iter().filter_map(|mac| store.hosts().find(*mac).ok().flatten()).collect())
}

impl Shown {
    /// What became of the host since the last call, in its order.
    pub(crate) fn steps(&mut self, store: &Store, host: &Host) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(attempt) = &host.attempt {
            if attempt.number != self.attempt {
                // Steps from before this program began are not said.
                let over = self.state.is_none() && host.state() != HostState::Installing;
                *self = Self {
                    state: self.state,
                    attempt: attempt.number,
                    stages: if over { attempt.stages.len() } else { 0 },
                    stalled: None,
                    losses: std::mem::take(&mut self.losses),
                };
                if !over {
                    let (distro, given_by) = (attempt.distro.clone(), given_by(store, host));
                    let what = What::Attempt { attempt: attempt.number, distro, given_by };
                    steps.push(Step::new(host, attempt.since, what));
                }
            }
            for stage in attempt.stages.iter().skip(self.stages) {
                let what = What::Stage { stage: stage.stage.to_string(), seconds: stage.at.since(attempt.since) };
                steps.push(Step::new(host, stage.at, what));
            }
            self.stages = attempt.stages.len();
        }
        if self.state != Some(host.state()) {
            self.state = Some(host.state());
            let reason = host.reason.as_ref().filter(|_| host.state() == HostState::Failed).map(ToString::to_string);
            steps.push(Step::new(host, host.updated, What::State { state: host.state(), reason }));
        }
        steps.extend(self.stalled_step(store, host));
        steps.extend(self.losses_step(store, host));
        steps
    }

    /// Said once for each report of the machine. One that cannot be read is the task of `check`.
    fn losses_step(&mut self, store: &Store, host: &Host) -> Option<Step> {
        let losses = hardware_losses(store, host).ok()?;
        let is_new = !losses.is_empty() && losses != self.losses;
        self.losses.clone_from(&losses);
        is_new.then(|| Step::new(host, program::now(), What::Hardware { losses }))
    }

    /// Said once for each stage that takes too long.
    fn stalled_step(&mut self, store: &Store, host: &Host) -> Option<Step> {
        let now = program::now();
        let stalled = host.stalled(&store.cluster.install.stage_limits, now);
        let at = stalled.map(|_| (self.attempt, self.stages));
        let step = stalled.filter(|_| self.stalled != at).map(|stalled| Step::new(host, now, What::stalled(&stalled)));
        self.stalled = at;
        step
    }
}
