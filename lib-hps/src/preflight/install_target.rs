// SPDX-License-Identifier: GPL-3.0-or-later
//! What a cluster installs: each type in each of its variants, and what its rules install besides.

use crate::config::{Cluster, supported};
use crate::types::{Distro, HostType, Profile};
use std::fmt;

/// A type, in a variant, with an operating system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstallTarget {
    /// What a host becomes.
    pub host_type: HostType,
    /// In which variant.
    pub profile: Option<Profile>,
    /// With which operating system.
    pub distro: Distro,
}

impl InstallTarget {
    /// What a host with this permission becomes, if the cluster and this version install it.
    pub fn from_cluster(
        cluster: &Cluster,
        host_type: HostType,
        profile: Option<Profile>,
        distro: Option<&Distro>,
    ) -> Option<Self> {
        let (profile, default) = cluster.role(host_type, profile).ok()?;
        let distro = distro.unwrap_or(default);
        supported(distro).ok()?;
        cluster.disks(host_type, &[]).ok()?;
        Some(Self { host_type, profile, distro: distro.clone() })
    }
}

impl fmt::Display for InstallTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host_type)?;
        self.profile.map_or(Ok(()), |profile| write!(f, " {profile}"))
    }
}

/// All that the cluster file names and this version installs, in the order of the types. [`settings`](super::settings)
/// reports what cannot be installed at all.
pub fn targets(cluster: &Cluster) -> Vec<InstallTarget> {
    let variants =
        |host_type: HostType| cluster.definition(host_type).map_or_else(Vec::new, |definition| definition.variants());
    let types = cluster.types.keys().copied().flat_map(|t| variants(t).into_iter().map(move |profile| (t, profile)));
    let mut targets: Vec<InstallTarget> =
        types.filter_map(|(t, profile)| InstallTarget::from_cluster(cluster, t, profile, None)).collect();
    let of_rules = cluster
        .rules
        .iter()
        .filter_map(|r| InstallTarget::from_cluster(cluster, r.host_type, r.profile, r.distro.as_ref()));
    targets.extend(of_rules);
    targets.sort();
    targets.dedup();
    targets
}

#[cfg(test)]
mod tests {
    use super::super::{PreflightInputs, kickstart, node, sample};
    use super::*;
    use crate::answer::AttemptMedia;
    use crate::config::SiteProfile;
    use crate::types::Method;
    use std::path::Path;

    const CLUSTER: &str = include_str!("../../../tests/fixtures/lab.cluster");

    fn cluster(more: &str) -> Cluster {
        Cluster::parse(&(CLUSTER.to_owned() + more)).unwrap()
    }

    #[test]
    fn every_variant_and_what_rules_say_otherwise() {
        let names = |cluster: &Cluster| {
            targets(cluster).iter().map(|target| format!("{target} {}", target.distro)).collect::<Vec<_>>()
        };
        let both = ["SCH STORAGESINGLE x86_64-linux-debian-12", "SCH STORAGERAID x86_64-linux-debian-12"];
        assert_eq!(names(&cluster("")), both);
        let rule = |distro: &str| {
            format!("\n[[rule]]\nname = \"r\"\nmac = \"525400000009\"\ntype = \"SCH\"\ndistro = \"{distro}\"\n")
        };
        let (rocky, unknown) = ("x86_64-linux-rockylinux-10.1", "x86_64-linux-rockylinux-8");
        let with_rule = names(&cluster(&rule(rocky)));
        assert_eq!(with_rule.len(), 3);
        assert!(with_rule.contains(&format!("SCH STORAGESINGLE {rocky}")), "{with_rule:?}");
        assert_eq!(names(&cluster(&rule(unknown))), both, "what cannot be installed is said elsewhere");
        let none = CLUSTER.replace("debian-12", "debian-11");
        assert!(targets(&Cluster::parse(&none).unwrap()).is_empty());
    }

    /// Whatever is installable: before anything is published its answer is one that its reader takes.
    #[test]
    fn every_type_has_an_answer_file_that_is_taken() {
        for distro in ["x86_64-linux-debian-12", "x86_64-linux-rockylinux-10", "x86_64-linux-almalinux-9"] {
            let types: String = HostType::BUILT_IN
                .into_iter()
                .filter(|t| *t != HostType::SCH)
                .map(|t| format!("[types.{t}]\ndistro = \"{distro}\"\n"))
                .collect();
            let text = CLUSTER.replace("x86_64-linux-debian-12", distro) + &types;
            let cluster = Cluster::parse(&text).unwrap();
            let profile = "version = 1\ntypes = [\"SCH\", \"TCH\", \"CCH\", \"DRH\", \"PLAIN\"]\n\
                [[file]]\npath = \"/etc/motd\"\ntext = \"\"\"of the site\n%end\n'\"\"\"\n";
            let profile = SiteProfile::parse(profile, "motd".parse().unwrap()).unwrap();
            let targets = targets(&cluster);
            assert!(targets.len() >= 2, "{targets:?}");
            for target in targets {
                let none = Path::new("/nonexistent");
                let (cluster, profiles) = (&cluster, &[profile.clone()][..]);
                let inputs = PreflightInputs {
                    cluster,
                    file: none,
                    text: None,
                    profiles,
                    hosts: &[],
                    distros: none,
                    packages: none,
                    ksvalidator: none,
                };
                let media = AttemptMedia::unpublished(false);
                let answer = sample::answer(&inputs, &target, &sample::source(&target), &media).unwrap();
                assert!(answer.contains("of the site"), "{answer}");
                match target.distro.method() {
                    Method::Kickstart => assert_eq!(kickstart::faults(&answer).unwrap(), [], "{target}"),
                    Method::Image => assert_eq!(node::problem(&answer).unwrap(), None, "{target}"),
                }
            }
        }
    }
}
