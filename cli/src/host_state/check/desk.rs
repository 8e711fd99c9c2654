// SPDX-License-Identifier: GPL-3.0-or-later
//! What each host type would be served: settings, answer files, and what they install from.

use super::findings::{Findings, Severity};
use super::registry::Registry;
use crate::program;
use hps::desk::{Case, Desk, Found, Kind, cases, examine, settings};
use hps::host::Permission;
use hps::store::{Store, cluster_text};

/// `permissions` are those that count now. What is not published and concerns nobody now is found where `all` is asked for.
pub(super) fn check(
    registry: &Registry<'_>,
    permissions: &[Permission],
    all: bool,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let conf = program::load_site()?.conf;
    let ksvalidator = conf.ksvalidator();
    let store = registry.store;
    let (file, cluster) = (store.paths.cluster_file(), &store.cluster);
    let text = cluster_text(store.paths.conf(), &store.cluster.name).ok();
    let text = text.as_deref();
    for setting in settings(cluster, text) {
        let advice = match setting.host_type {
            Some(host_type) => format!("correct it; until then no {host_type} is installed"),
            None => "correct it; until then reload refuses".to_owned(),
        };
        findings.problem(&file, setting.line, setting.problem, &advice);
    }
    let permitted = permitted(registry, permissions);
    let mut cases = cases(cluster);
    cases.extend(permitted.iter().map(|(case, _)| case.clone()));
    cases.sort();
    cases.dedup();
    // Those that cannot be taken were found by themselves.
    let profiles = store.site_profiles().unwrap_or_default();
    let (distros, packages) = (store.paths.distros(), store.paths.packages());
    let desk = Desk {
        cluster,
        file: &file,
        text,
        profiles: &profiles,
        hosts: &registry.hosts,
        distros,
        packages,
        ksvalidator,
    };
    for found in examine(&desk, &cases) {
        let (severity, problem) = judge(&found, &permitted);
        if all || severity == Severity::Problem || found.kind != Kind::Absent {
            findings.add(severity, &found.file, found.line, problem, &found.advice);
        }
    }
    Ok(())
}

/// What is not published, or not all, is a problem only where somebody is on the way to it.
fn judge(found: &Found, permitted: &[(Case, String)]) -> (Severity, String) {
    let whom = permitted.iter().find(|(case, _)| found.cases.contains(case)).map(|(_, whom)| whom);
    match (found.kind, whom) {
        (Kind::Lacking | Kind::Absent, Some(whom)) => (Severity::Problem, format!("{}, and {whom}", found.problem())),
        (Kind::Served | Kind::Media, _) => (Severity::Problem, found.problem()),
        (Kind::Lacking | Kind::Absent | Kind::Note, _) => (Severity::Note, found.problem()),
    }
}

/// What may be installed now without a choice at a console, and on whose word.
fn permitted(registry: &Registry<'_>, permissions: &[Permission]) -> Vec<(Case, String)> {
    let Store { cluster, .. } = registry.store;
    let hosts = permissions.iter().filter_map(|permission| {
        let case = Case::of(cluster, permission.host_type, permission.profile, Some(&permission.distro))?;
        let label = registry.host(permission.mac).map_or_else(|| permission.mac.colons(), |host| host.label());
        Some((case, format!("{label} may be installed with it")))
    });
    // Windows that cannot be read were found with the permissions.
    let windows = registry.store.windows().not_closed().unwrap_or_default();
    let open = windows.iter().filter(|window| window.is_open(program::now())).map(|window| &window.rule);
    let rules = cluster.rules.iter().chain(open).filter_map(|rule| {
        let case = Case::of(cluster, rule.host_type, rule.profile, rule.distro.as_ref())?;
        Some((case, format!("rule {} permits it", rule.name)))
    });
    hosts.chain(rules).collect()
}
