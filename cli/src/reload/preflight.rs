// SPDX-License-Identifier: GPL-3.0-or-later
//! What would be served to each host type, checked before anything is replaced.

use super::plan::Plan;
use crate::media;
use crate::program::{Ended, Exit};
use hps::config::HpsConf;
use hps::host::Host;
use hps::media::{Exposed, exposed};
use hps::preflight::{Finding, FindingKind, PreflightInputs, examine, targets};
use hps::store::Store;
use hps::types::one_line;

/// Looks at it, and whether others than root can change what is published. What is damaged goes to the warnings of the plan, what is not there yet to its notes.
///
/// # Errors
/// If an answer file is wrong and the plan would change anything. What was served before is started again in any case,
/// because installed machines boot with it.
pub(super) fn look(conf: &HpsConf, store: &Store, text: Option<&str>, plan: &mut Plan) -> anyhow::Result<()> {
    let file = store.paths.cluster_file();
    let (distros, packages) = (store.paths.distros(), store.paths.packages());
    let profiles = store.site_profiles().list().unwrap_or_else(|error| {
        plan.add_warning(format!("{}; its machines are not installed", one_line(&error)));
        Vec::new()
    });
    // Records that cannot be read are reported with the reservations.
    let hosts: Vec<Host> =
        store.hosts().list().unwrap_or_default().into_iter().filter_map(|file| file.host.ok()).collect();
    let ksvalidator = conf.ksvalidator();
    let inputs = PreflightInputs {
        cluster: &store.cluster,
        file: &file,
        text,
        profiles: &profiles,
        hosts: &hosts,
        distros,
        packages,
        ksvalidator,
    };
    let found = examine(&inputs, &targets(&store.cluster));
    let wrong: Vec<&Finding> = found.iter().filter(|f| f.kind == FindingKind::Served).collect();
    if let Some(first) = wrong.first()
        && plan.would_change()
    {
        let others = match wrong.len() {
            1 => String::new(),
            several => format!(", and {} more: see host-state check", several - 1),
        };
        return Err(Ended::error(Exit::Failed, format!("{}{others}; nothing was changed", line(first))));
    }
    for found in &found {
        match found.kind {
            FindingKind::Served | FindingKind::Media => plan.add_warning(line(found)),
            FindingKind::Lacking | FindingKind::Absent | FindingKind::NoUpdates | FindingKind::Note => {
                plan.add_note(line(found));
            }
            FindingKind::Fact => {}
        }
    }
    match exposed(distros, packages, &media::base(store.paths.conf())) {
        Ok(all) => {
            for Exposed { path, problem, advice } in all {
                plan.add_warning(format!("{}: {problem}; {advice}", path.display()));
            }
        }
        Err(error) => {
            plan.add_warning(format!("{}: the published files cannot be checked: {error}", distros.display()))
        }
    }
    Ok(())
}

fn line(found: &Finding) -> String {
    let line = found.line.map_or_else(String::new, |line| format!(":{line}"));
    format!("{}{line}: {}; {}", found.file.display(), found.problem(), found.advice)
}
