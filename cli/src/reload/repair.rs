// SPDX-License-Identifier: GPL-3.0-or-later
//! Repairs of files that have other permissions than the table of what HPS owns.

use super::report::report;
use super::rights::{self, RightsError, WrongRights};
use super::settings::stray_folders;
use crate::layout;
use crate::program::Site;
use hps::exec::NEVER;

/// What was repaired, or would be, and what stays unrepaired: a line each.
#[derive(Debug, Default)]
pub struct Repairs {
    /// What was repaired, or would be.
    pub repaired: Vec<String>,
    /// The problems for a person.
    pub problems: Vec<String>,
}

/// Repairs the permissions of files of HPS, and prints that.
pub fn repair_permissions(site: &Site) -> Repairs {
    let repairs = each(site, WrongRights::repair);
    report(&repairs.repaired);
    repairs
}

/// What [`repair_permissions`] would do.
pub(super) fn preview_repairs(site: &Site) -> Repairs {
    each(site, WrongRights::preview)
}

fn each(site: &Site, act: fn(&WrongRights) -> Result<String, RightsError>) -> Repairs {
    // Before the first run this user does not exist, and cannot fail to read a file.
    let Ok(user) = layout::web_user(&NEVER) else { return Repairs::default() };
    let mut repairs = Repairs { repaired: Vec::new(), problems: rights::closed_folders(site, user) };
    repairs.problems.extend(stray_folders(&site.conf, &site.path));
    for wrong in rights::look(site, user) {
        match act(&wrong) {
            Ok(line) => repairs.repaired.push(line),
            Err(error) => repairs.problems.push(error.to_string()),
        }
    }
    repairs
}
