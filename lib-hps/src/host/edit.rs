// SPDX-License-Identifier: GPL-3.0-or-later
//! An administrator's changes of a record: the same for `host-state set`, `unset` and `import`.

use super::macs::MacsError;
use super::{Event, Host, HostState};
use crate::config::{Cluster, UnknownType};
use crate::types::{Cpu, HostName, HostType, Line, LocalBoot, MacAddr, Profile, Timestamp};
use std::net::Ipv4Addr;

/// New values. `None` leaves a value unchanged, `Some(None)` removes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    /// The host name.
    pub name: Option<Option<HostName>>,
    /// Its type.
    pub host_type: Option<Option<HostType>>,
    /// Its variant.
    pub profile: Option<Option<Profile>>,
    /// The address.
    pub address: Option<Option<Ipv4Addr>>,
    /// How it is handed over to its own disk.
    pub local: Option<Option<LocalBoot>>,
    /// The state.
    pub state: Option<HostState>,
    /// The note for people.
    pub reason: Option<Option<Line>>,
    /// The processor.
    pub cpu: Option<Option<Cpu>>,
    /// All MACs, including the one that names the record.
    pub macs: Option<Vec<MacAddr>>,
}

/// Why an edit is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Only an installer sets this state.
    #[error("only an installer can set the state INSTALLING; arm the host instead")]
    Installing,
    /// Name, type and address of a host that is being installed are in the answer file of its installer.
    #[error(
        "the host is INSTALLING, and its installer uses its name, type and address; if the installation is dead, add state=FAILED to the same command"
    )]
    InstallingNow,
    /// Neither HPS nor the cluster has the type.
    #[error(transparent)]
    Type(#[from] UnknownType),
    /// The variant is not one of the type.
    #[error("{}", match host_type {
        Some(host_type) => format!("{host_type} has no profile {profile}"),
        None => format!("a host without type has no profile {profile}; set its type too"),
    })]
    Profile {
        /// The type after the edit.
        host_type: Option<HostType>,
        /// The variant that this type does not have.
        profile: Profile,
    },
    /// A type together with the state of a host without type.
    #[error("UNCONFIGURED is the state of a host without type; leave out the type, or set CONFIGURED")]
    TypeOfUnconfigured,
    /// The MAC that names the record is not the first of the list.
    #[error("macs must begin with {own}, which names the record; to make another card the first one: host-state replace-nic HOST {own} {}", first.map_or_else(|| "MAC".to_owned(), MacAddr::colons), own = own.colons())]
    NamingMac {
        /// The MAC that names the record.
        own: MacAddr,
        /// The first of the list.
        first: Option<MacAddr>,
    },
    /// Too many MACs, or one twice.
    #[error(transparent)]
    Macs(#[from] MacsError),
}

impl Edit {
    /// Changes the record.
    ///
    /// A type makes an UNCONFIGURED host CONFIGURED, and removing it makes a CONFIGURED one UNCONFIGURED, unless the
    /// edit sets a state. A new type gets its default profile if the old profile does not suit it.
    ///
    /// # Errors
    /// [`EditError`]; the record may be half changed then, and must be discarded.
    pub fn apply(&self, host: &mut Host, cluster: &Cluster, now: Timestamp) -> Result<(), EditError> {
        if self.state == Some(HostState::Installing) {
            return Err(EditError::Installing);
        }
        let unconfigured = self.state == Some(HostState::Unconfigured);
        if unconfigured && matches!(self.host_type, Some(Some(_))) {
            return Err(EditError::TypeOfUnconfigured);
        }
        // Its answer file has these, and does not change within an attempt.
        let answer_changes = self.name.as_ref().is_some_and(|new| *new != host.name)
            || self.host_type.is_some_and(|new| new != host.host_type)
            || self.profile.is_some_and(|new| new != host.profile)
            || self.address.is_some_and(|new| new != host.address);
        if answer_changes && host.state() == HostState::Installing && self.state.is_none() {
            return Err(EditError::InstallingNow);
        }
        if unconfigured {
            // The same as at the menu: only its MAC, address and name are left.
            host.host_type = None;
            host.profile = None;
            host.reason = None;
            host.force_asked = false;
        }
        if let Some(name) = &self.name {
            host.name.clone_from(name);
        }
        if let Some(host_type) = self.host_type {
            host_type.map_or(Ok(()), |host_type| cluster.check_type(host_type))?;
            host.host_type = host_type;
            let fits = |p: Profile| host_type.is_some_and(|t| cluster.has_profile(t, p));
            if !host.profile.is_some_and(fits) {
                // Without one the cluster's default counts when it is armed.
                host.profile = None;
            }
        }
        if let Some(profile) = self.profile {
            host.profile = profile;
        }
        if let Some(profile) = host.profile.filter(|p| host.host_type.is_none_or(|t| !cluster.has_profile(t, *p))) {
            return Err(EditError::Profile { host_type: host.host_type, profile });
        }
        if let Some(address) = self.address {
            host.address = address;
        }
        if let Some(local) = self.local {
            host.local = local;
        }
        if let Some(cpu) = self.cpu {
            host.cpu = cpu;
        }
        if let Some(reason) = &self.reason {
            host.reason = reason.clone().filter(|r| !r.as_str().is_empty());
        }
        if let Some(macs) = &self.macs {
            let own = host.mac();
            // Cards have numbers, so the order is not changed in silence.
            match macs.split_first() {
                Some((first, further)) if *first == own => host.set_further_macs(further)?,
                first => return Err(EditError::NamingMac { own, first: first.map(|(first, _)| *first) }),
            }
        }
        let follows = match (host.state(), host.host_type) {
            (HostState::Unconfigured, Some(_)) if self.host_type.is_some() => Some(HostState::Configured),
            (HostState::Configured, None) => Some(HostState::Unconfigured),
            _ => None,
        };
        if let Some(state) = self.state.or(follows) {
            // An operator may change any state to any other.
            let _taken_by_every_state = host.apply(Event::SetByOperator(state), now);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster() -> Cluster {
        Cluster::parse(include_str!("../../../tests/fixtures/lab.cluster")).unwrap()
    }

    fn host() -> Host {
        Host::new("525400000001".parse().unwrap(), Timestamp::from_unix(1))
    }

    fn apply(edit: &Edit, host: &mut Host) -> Result<(), EditError> {
        edit.apply(host, &cluster(), Timestamp::from_unix(2))
    }

    #[test]
    fn a_type_brings_its_state_and_leaves_the_profile_to_the_cluster() {
        let mut host = host();
        apply(&Edit { host_type: Some(Some(HostType::SCH)), ..Edit::default() }, &mut host).unwrap();
        assert_eq!((host.state(), host.profile), (HostState::Configured, None));
        let raid = Edit { profile: Some(Some(Profile::StorageRaid)), ..Edit::default() };
        apply(&raid, &mut host).unwrap();
        // Setting the same type again keeps a profile that suits it.
        apply(&Edit { host_type: Some(Some(HostType::SCH)), ..Edit::default() }, &mut host).unwrap();
        assert_eq!(host.profile, Some(Profile::StorageRaid));
        apply(&Edit { host_type: Some(Some(HostType::TCH)), ..Edit::default() }, &mut host).unwrap();
        assert_eq!(host.profile, None);
        assert!(matches!(apply(&raid, &mut host.clone()), Err(EditError::Profile { .. })));
        apply(&Edit { host_type: Some(None), ..Edit::default() }, &mut host).unwrap();
        assert_eq!(host.state(), HostState::Unconfigured);
    }

    #[test]
    fn a_state_that_is_said_wins_and_a_system_is_not_lost_by_a_type() {
        let mut host = host();
        let edit = Edit { host_type: Some(Some(HostType::SCH)), state: Some(HostState::Installed), ..Edit::default() };
        apply(&edit, &mut host).unwrap();
        assert_eq!(host.state(), HostState::Installed);
        apply(&Edit { host_type: Some(None), ..Edit::default() }, &mut host).unwrap();
        assert_eq!(host.state(), HostState::Installed);
        let installing = Edit { state: Some(HostState::Installing), ..Edit::default() };
        assert_eq!(apply(&installing, &mut host), Err(EditError::Installing));
    }

    #[test]
    fn unconfigured_is_known_by_its_mac_and_no_more() {
        let mut host = host();
        apply(&Edit { host_type: Some(Some(HostType::SCH)), ..Edit::default() }, &mut host).unwrap();
        host.reason = Some(Line::lossy("old"));
        let edit = Edit { state: Some(HostState::Unconfigured), ..Edit::default() };
        apply(&edit, &mut host).unwrap();
        assert_eq!((host.state(), host.host_type, host.profile), (HostState::Unconfigured, None, None));
        assert_eq!(host.reason, None);
        let both = Edit { host_type: Some(Some(HostType::SCH)), ..edit };
        assert_eq!(apply(&both, &mut host), Err(EditError::TypeOfUnconfigured));
    }

    #[test]
    fn the_first_mac_stays() {
        let mut host = host();
        let macs =
            |list: &[&str]| Edit { macs: Some(list.iter().map(|m| m.parse().unwrap()).collect()), ..Edit::default() };
        apply(&macs(&["525400000001", "525400000002"]), &mut host).unwrap();
        let text: Vec<String> = host.macs().map(|m| m.to_string()).collect();
        assert_eq!(text, ["525400000001", "525400000002"]);
        assert_eq!(Host::parse(&host.to_text(), host.mac()).unwrap(), host);
        for list in [&["525400000002"][..], &["525400000002", "525400000001"], &[]] {
            let refused = apply(&macs(list), &mut host.clone());
            assert!(matches!(refused, Err(EditError::NamingMac { .. })), "{list:?}: {refused:?}");
        }
        let twice = macs(&["525400000001", "525400000002", "525400000002"]);
        assert!(matches!(apply(&twice, &mut host), Err(EditError::Macs(_))));
    }

    #[test]
    fn what_an_installation_rests_on_is_not_changed_under_it() {
        let mut host = host();
        host.apply(Event::AnswerFetched, Timestamp::from_unix(1)).unwrap();
        let edit = Edit { address: Some(Some(Ipv4Addr::new(10, 0, 0, 9))), ..Edit::default() };
        assert_eq!(apply(&edit, &mut host.clone()), Err(EditError::InstallingNow));
        apply(&Edit { state: Some(HostState::Failed), ..edit }, &mut host).unwrap();
        assert_eq!(host.state(), HostState::Failed);
    }
}
