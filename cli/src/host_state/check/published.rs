// SPDX-License-Identifier: GPL-3.0-or-later
//! Published files that users other than root can change: they are not verified again before a machine gets them.

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
            findings.problem(distros, None, format!("the published files cannot be checked: {error}"), "check again");
        }
    }
}
