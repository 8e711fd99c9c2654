// SPDX-License-Identifier: GPL-3.0-or-later
//! What each host type would be served: settings, answer files, and their sources.

use super::findings::{Finding, Findings, Severity};
use super::registry::Registry;
use crate::program;
use hps::host::Permission;
use hps::preflight::{Finding as FoundMedia, FindingKind, InstallTarget, PreflightInputs, examine, settings, targets};
use hps::store::{Store, cluster_text};

/// `permissions` are those that count now. With `all`, unpublished media that concern no host now are findings too.
pub(super) fn check(
    registry: &Registry<'_>,
    permissions: &[Permission],
    all: bool,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    for (kind, found) in kinds(registry, permissions)? {
        let is_quiet = matches!(kind, FindingKind::Absent | FindingKind::NoUpdates | FindingKind::Fact);
        if all || found.severity == Severity::Problem || !is_quiet {
            findings.0.push(found);
        }
    }
    Ok(())
}

/// All findings, each with its kind.
pub(super) fn kinds(
    registry: &Registry<'_>,
    permissions: &[Permission],
) -> anyhow::Result<Vec<(FindingKind, Finding)>> {
    let conf = program::load_site()?.conf;
    let ksvalidator = conf.ksvalidator();
    let store = registry.store;
    let (file, cluster) = (store.paths.cluster_file(), &store.cluster);
    let text = cluster_text(store.paths.conf(), &store.cluster.name).ok();
    let text = text.as_deref();
    let mut all = Vec::new();
    for setting in settings(cluster, text) {
        let advice = match setting.host_type {
            Some(host_type) => format!("correct it; until then no {host_type} is installed"),
            None => "correct it; until then reload refuses".to_owned(),
        };
        let (file, line, problem) = (file.clone(), setting.line, setting.problem);
        let found = Finding { severity: Severity::Problem, file, line, problem, advice };
        all.push((FindingKind::Served, found));
    }
    let permitted = permitted(registry, permissions);
    let mut targets = targets(cluster);
    targets.extend(permitted.iter().map(|(target, _)| target.clone()));
    targets.sort();
    targets.dedup();
    // Profiles that cannot be used have findings of their own.
    let profiles = store.site_profiles().list().unwrap_or_default();
    let (distros, packages) = (store.paths.distros(), store.paths.packages());
    let inputs = PreflightInputs {
        cluster,
        file: &file,
        text,
        profiles: &profiles,
        hosts: &registry.hosts,
        distros,
        packages,
        ksvalidator,
    };
    for found in examine(&inputs, &targets) {
        let (severity, problem) = judge(&found, &permitted);
        let FoundMedia { kind, file, line, advice, .. } = found;
        all.push((kind, Finding { severity, file, line, problem, advice }));
    }
    Ok(all)
}

/// Missing media are a problem only if a machine is about to be installed from them.
fn judge(found: &FoundMedia, permitted: &[(InstallTarget, String)]) -> (Severity, String) {
    let whom = permitted.iter().find(|(target, _)| found.targets.contains(target)).map(|(_, whom)| whom);
    match (found.kind, whom) {
        (FindingKind::Lacking | FindingKind::Absent, Some(whom)) => {
            (Severity::Problem, format!("{}, and {whom}", found.problem()))
        }
        (FindingKind::Served | FindingKind::Media, _) => (Severity::Problem, found.problem()),
        (_, _) => (Severity::Note, found.problem()),
    }
}

/// What may be installed now without a choice at a console, and by which permission.
fn permitted(registry: &Registry<'_>, permissions: &[Permission]) -> Vec<(InstallTarget, String)> {
    let Store { cluster, .. } = registry.store;
    let hosts = permissions.iter().filter_map(|permission| {
        let target =
            InstallTarget::from_cluster(cluster, permission.host_type, permission.profile, Some(&permission.distro))?;
        let label = registry.host(permission.mac).map_or_else(|| permission.mac.colons(), |host| host.label());
        Some((target, format!("{label} may be installed with it")))
    });
    // Windows that cannot be read were reported with the permissions.
    let windows = registry.store.windows().not_closed().unwrap_or_default();
    let open = windows.iter().filter(|window| window.is_open(program::now())).map(|window| &window.rule);
    let rules = cluster.rules.iter().chain(open).filter_map(|rule| {
        let target = InstallTarget::from_cluster(cluster, rule.host_type, rule.profile, rule.distro.as_ref())?;
        Some((target, format!("rule {} permits it", rule.name)))
    });
    hosts.chain(rules).collect()
}
