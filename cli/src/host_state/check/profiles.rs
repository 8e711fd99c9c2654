// SPDX-License-Identifier: GPL-3.0-or-later
//! Site profiles: whether each can be used, and whether the hosts that it names exist.

use super::findings::Findings;
use super::registry::Registry;
use hps::types::{HostPattern, HostRef};
use std::collections::BTreeSet;

const MEND: &str = "correct the file; until then its machines are not installed";

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) {
    let store = registry.store;
    let files = match store.site_profiles().files() {
        Ok(files) => files,
        Err(error) => return findings.error(&store.paths.site_profiles_dir(), &error, MEND),
    };
    for (path, name) in files {
        let profile = match store.site_profiles().read(&path, name) {
            Ok(profile) => profile,
            Err(error) => {
                findings.error(&path, &error, MEND);
                continue;
            }
        };
        for host_type in &profile.types {
            if let Err(unknown) = store.cluster.check_type(*host_type) {
                findings.problem(&path, None, unknown.to_string(), "correct types in the file; no host has this one");
            }
        }
        let known: BTreeSet<_> = registry.hosts.iter().filter_map(|host| host.name.as_ref()).collect();
        let unknown: Vec<String> = profile
            .hosts
            .iter()
            .flat_map(HostPattern::hosts)
            .filter(|named| match named {
                HostRef::Mac(mac) => registry.host(*mac).is_none(),
                HostRef::Name(name) => !known.contains(name),
            })
            .map(|named| named.to_string())
            .collect();
        if let Some((first, more)) = unknown.split_first() {
            let more = if more.is_empty() { String::new() } else { format!(" and {} others", more.len()) };
            findings.note(
                &path,
                format!("names {first}{more}, which is not in this cluster"),
                "check the spelling; hosts that will be added later are no error",
            );
        }
    }
}
