// SPDX-License-Identifier: GPL-3.0-or-later
//! An installation that stays in one stage for longer than the cluster's limit. It is only shown; this changes nothing.

use super::{Host, HostState};
use crate::config::StageLimits;
use crate::types::{Lifetime, Stage, Timestamp};

/// How an installation is stalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Stalled {
    /// The newest stage; none if the answer file was fetched and there was no report since.
    pub stage: Option<Stage>,
    /// For how many seconds.
    pub seconds: u64,
    /// The limit of the cluster.
    pub limit: Lifetime,
}

impl Stalled {
    /// The stage as it is called in the cluster's limits.
    pub fn stage_name(&self) -> &'static str {
        self.stage.map_or("begun", Stage::as_str)
    }
}

impl Host {
    /// Whether its installation stays in a stage for longer than the limit.
    pub fn stalled(&self, limits: &StageLimits, now: Timestamp) -> Option<Stalled> {
        if self.state() != HostState::Installing {
            return None;
        }
        let attempt = self.attempt.as_ref()?;
        let (stage, since) = attempt.stage().map_or((None, attempt.since), |s| (Some(s.stage), s.at));
        let limit = limits.for_stage(stage)?;
        let seconds = now.since(since);
        (seconds > limit.as_secs()).then_some(Stalled { stage, seconds, limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::PermissionRef;
    use crate::types::Line;

    #[test]
    fn each_stage_has_its_limit_and_only_an_installation_stalls() {
        let limits = StageLimits::default();
        let at = Timestamp::from_unix;
        let mut host = Host::new("525400000001".parse().unwrap(), at(0));
        assert_eq!(host.stalled(&limits, at(1_000_000)), None);
        let permission = PermissionRef::sample("a".repeat(32).parse().unwrap());
        host.begin_attempt(&permission, "x86_64-linux-debian-12".parse().unwrap(), None, at(0)).unwrap();
        assert_eq!(host.stalled(&limits, at(1_800)), None, "at the limit it is not over it");
        let stalled = host.stalled(&limits, at(1_801)).unwrap();
        assert_eq!((stalled.stage_name(), stalled.seconds, stalled.limit.as_secs()), ("begun", 1_801, 1_800));
        let mut now = 0;
        for (stage, limit) in [
            (Stage::Started, 900),
            (Stage::Disks, 600),
            (Stage::Partitioned, 3_600),
            (Stage::Packages, 7_200),
            (Stage::Configured, 1_800),
        ] {
            host.report(stage, &Line::lossy(""), &[], at(now)).unwrap();
            assert_eq!(host.stalled(&limits, at(now + limit)), None, "{stage}");
            assert_eq!(host.stalled(&limits, at(now + limit + 1)).unwrap().stage, Some(stage));
            now += limit;
        }
        host.report(Stage::Installed, &Line::lossy(""), &[], at(now)).unwrap();
        assert_eq!(host.stalled(&limits, at(now + 1_000_000)), None);
    }
}
