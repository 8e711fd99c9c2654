// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of this node is not for a host. The library, which does not know this node, refuses the other names.

use crate::program::{Ended, Exit, node_name};
use hps::host::{Edit, Host};
use hps::types::{ReservedName, check_not_reserved};

/// Whether a host may get the name of an edit. `before` is its record: a name that it has stays.
pub(super) fn check(edit: &Edit, before: Option<&Host>) -> Result<(), ReservedName> {
    match &edit.name {
        Some(Some(name)) if before.and_then(|host| host.name.as_ref()) != Some(name) => {
            check_not_reserved(name, node_name().as_ref())
        }
        _ => Ok(()),
    }
}

/// The same, as the end of a command.
pub(super) fn refuse(edit: &Edit, before: Option<&Host>) -> anyhow::Result<()> {
    check(edit, before).map_err(|why| Ended::error(Exit::Refused, why.to_string()))
}
