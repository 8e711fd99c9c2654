// SPDX-License-Identifier: GPL-3.0-or-later
//! What only grows: installations, their stages, failures, refused requests. Each is counted once, when it is seen first.
//! At its start the program counts the newest attempt of each host, which is in its record.

use super::reason::{class, classes};
use hps::host::{Host, HostState};
use hps::types::{HostType, MacAddr, Stage};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Names and values. All of them come from lists of HPS, never from a machine.
pub(super) type Labels = Vec<(&'static str, String)>;

/// Ten seconds to half a day.
const STAGE_BUCKETS: [f64; 10] = [10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 2400.0, 7200.0, 43_200.0];
const INSTALLATION_BUCKETS: [f64; 10] = [60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0, 7200.0, 43_200.0];

type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// How far the attempt of a host was counted.
#[derive(Debug, Default)]
struct Progress {
    attempt: u32,
    stages: usize,
    failed: bool,
    refused: u32,
}

/// The counts since the start of the program.
#[derive(Debug)]
pub(in crate::hps_web) struct Counted {
    installations: Histograms,
    stages: Histograms,
    attempts: Family<Labels, Counter>,
    failures: Family<Labels, Counter>,
    refused: Counter,
    progress: Mutex<BTreeMap<MacAddr, Progress>>,
}

impl Default for Counted {
    fn default() -> Self {
        let of_stages: fn() -> Histogram = || Histogram::new(STAGE_BUCKETS);
        let of_installations: fn() -> Histogram = || Histogram::new(INSTALLATION_BUCKETS);
        let counted = Self {
            installations: Family::new_with_constructor(of_installations),
            stages: Family::new_with_constructor(of_stages),
            attempts: Family::default(),
            failures: Family::default(),
            refused: Counter::default(),
            progress: Mutex::default(),
        };
        counted.begin();
        counted
    }
}

impl Counted {
    /// Each series begins with 0: Prometheus does not see the first step of one that begins with 1.
    fn begin(&self) {
        for own in HostType::BUILT_IN {
            let labels = vec![("type", own.to_string())];
            drop(self.attempts.get_or_create(&labels));
            drop(self.installations.get_or_create(&labels));
        }
        for stage in std::iter::once("begun").chain(Stage::ALL.map(Stage::as_str)) {
            drop(self.stages.get_or_create(&vec![("stage", stage.to_owned())]));
        }
        for class in classes() {
            drop(self.failures.get_or_create(&vec![("reason", class.to_owned())]));
        }
    }

    /// Counts what is new in a record, and in the number of its refused requests.
    pub(in crate::hps_web) fn count(&self, host: &Host, refused: u32) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = progress.entry(host.mac()).or_default();
        let of_type = || vec![("type", host.host_type.map_or_else(|| "none".to_owned(), |own| own.to_string()))];
        if let Some(attempt) = &host.attempt {
            if attempt.number != progress.attempt {
                *progress = Progress { attempt: attempt.number, refused: progress.refused, ..Progress::default() };
                self.attempts.get_or_create(&of_type()).inc();
            }
            for (number, stage) in attempt.stages.iter().enumerate().skip(progress.stages) {
                let before = number.checked_sub(1).and_then(|before| attempt.stages.get(before));
                let (name, since) =
                    before.map_or(("begun", attempt.since), |before| (before.stage.as_str(), before.at));
                let labels = vec![("stage", name.to_owned())];
                self.stages.get_or_create(&labels).observe(seconds(stage.at.since(since)));
                if stage.stage == Stage::Installed {
                    let all = seconds(stage.at.since(attempt.since));
                    self.installations.get_or_create(&of_type()).observe(all);
                }
            }
            progress.stages = attempt.stages.len();
        }
        let failed = host.state() == HostState::Failed;
        if failed && !progress.failed {
            let reason = host.reason.as_ref().map_or("", |reason| reason.as_str());
            self.failures.get_or_create(&vec![("reason", class(reason).to_owned())]).inc();
        }
        progress.failed = failed;
        self.refused.inc_by(refused.saturating_sub(progress.refused).into());
        progress.refused = refused;
    }

    /// Forgets hosts that are gone.
    pub(in crate::hps_web) fn keep(&self, is_there: impl Fn(&MacAddr) -> bool) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).retain(|mac, _| is_there(mac));
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Attempts to install a host that began";
        registry.register("hps_attempts", help, self.attempts.clone());
        let help = "From the begin of an attempt to INSTALLED";
        registry.register_with_unit("hps_installation_duration", help, Unit::Seconds, self.installations.clone());
        let help = "How long an installation was in a stage; begun is before the first report";
        registry.register_with_unit("hps_stage_duration", help, Unit::Seconds, self.stages.clone());
        registry.register(
            "hps_failures",
            "Hosts that became FAILED, by the class of the reason",
            self.failures.clone(),
        );
        let help = "Requests with a bad ticket or token, for hosts that may be installed";
        registry.register("hps_refused_requests", help, self.refused.clone());
    }
}

/// A length that a float has exactly, for any that occurs.
fn seconds(length: u64) -> f64 {
    u32::try_from(length).unwrap_or(u32::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hps::types::Timestamp;
    use prometheus_client::encoding::text::encode;

    fn text(counted: &Counted) -> String {
        let (mut registry, mut text) = (Registry::default(), String::new());
        counted.register(&mut registry);
        encode(&mut text, &registry).unwrap();
        text
    }

    fn host(state: &str, attempt: u32, since: i64, stages: &[(Stage, i64)]) -> Host {
        let at = |seconds: i64| Timestamp::from_unix(seconds).to_string();
        let permission = "a".repeat(32);
        let mut text = format!(
            "version = 1\nmacs = [\"525400000001\"]\nstate = \"{state}\"\nupdated = \"{since}\"\nreason = \"<b>disk sda</b>\"\n\
             [attempt]\nnumber = {attempt}\nof_permission = 1\npermission = \"{permission}\"\nsince = \"{since}\"\n\
             distro = \"x86_64-linux-debian-12\"\n",
            since = at(since),
        );
        for (stage, time) in stages {
            text.push_str(&format!("[[attempt.stages]]\nstage = \"{stage}\"\nat = \"{}\"\n", at(*time)));
        }
        Host::parse(&text, "525400000001".parse().unwrap()).unwrap()
    }

    fn has(counted: &Counted, lines: &[&str]) {
        let text = text(counted);
        for line in lines {
            assert!(text.lines().any(|own| own.starts_with(line)), "{line}: {text}");
        }
    }

    #[test]
    fn each_stage_and_failure_is_counted_once() {
        let counted = Counted::default();
        has(&counted, &["hps_failures_total{reason=\"disk\"} 0", "hps_attempts_total{type=\"SCH\"} 0"]);
        let failed = host("FAILED", 2, 1000, &[(Stage::Started, 1020), (Stage::Failed, 1400)]);
        for _ in 0..3 {
            counted.count(&failed, 4);
        }
        has(
            &counted,
            &[
                "hps_attempts_total{type=\"none\"} 1",
                "hps_stage_duration_seconds_sum{stage=\"begun\"} 20",
                "hps_stage_duration_seconds_sum{stage=\"started\"} 380",
                "hps_stage_duration_seconds_count{stage=\"started\"} 1",
                "hps_failures_total{reason=\"disk\"} 1",
                "hps_refused_requests_total 4",
            ],
        );
        // Another attempt, which ends well; the count of refusals began again.
        counted.count(&host("INSTALLING", 3, 2000, &[]), 0);
        counted.count(&host("INSTALLED", 3, 2000, &[(Stage::Installed, 2600)]), 1);
        has(
            &counted,
            &[
                "hps_attempts_total{type=\"none\"} 2",
                "hps_installation_duration_seconds_sum{type=\"none\"} 600",
                "hps_failures_total{reason=\"disk\"} 1",
                "hps_refused_requests_total 5",
            ],
        );
    }
}
