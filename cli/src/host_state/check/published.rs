// SPDX-License-Identifier: GPL-3.0-or-later
//! What is published and can be changed by others than root: nobody proves it again before a machine gets it.

use super::findings::Findings;
use super::registry::Registry;
use crate::media;
use hps::media::exposed;

pub(super) fn check(registry: &Registry<'_>, findings: &mut Findings) {
    let (distros, packages) = (registry.store.paths.distros(), registry.store.paths.packages());
    match exposed(distros, packages, &media::base(registry.store.paths.conf())) {
        Ok(all) => {
            for found in all {
                findings.problem(&found.path, None, found.problem, &found.advice);
            }
        }
        Err(error) => {
            findings.problem(distros, None, format!("what is published cannot be looked at: {error}"), "check again");
        }
    }
}
