// SPDX-License-Identifier: GPL-3.0-or-later
//! The rules between one `[[rule]]` and the others.

use super::rule::Rule;
use crate::types::Line;

/// Why a rule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RuleError {
    /// Messages could not name it.
    #[error("a [[rule]] has an empty name, which messages and the history need")]
    NoName,
    /// It would fit every machine for ever.
    #[error(
        "rule {0} names no machine: give mac, mac_prefix, uuid, serial or product (for every machine, open a window: host-state window)"
    )]
    NoMachine(Line),
    /// Another rule has its name.
    #[error("two rules have the name {0}: give each its own name")]
    SameName(Line),
    /// Another rule fits the same machines.
    #[error("rules {other} and {name} fit the same machines: make one narrower, or remove it")]
    SameMachines { other: Line, name: Line },
}

/// Checks a rule against those before it.
///
/// # Errors
/// The first reason against it.
pub(super) fn check_rule<'a>(rule: &Rule, before: impl Iterator<Item = &'a Rule>) -> Result<(), RuleError> {
    let name = rule.name.clone();
    if name.as_str().is_empty() {
        return Err(RuleError::NoName);
    }
    if !rule.is_narrowed() {
        return Err(RuleError::NoMachine(name));
    }
    for other in before {
        if other.name == rule.name {
            return Err(RuleError::SameName(name));
        }
        if (other.mac, &other.mac_prefix, &other.uuid, &other.serial, &other.product)
            == (rule.mac, &rule.mac_prefix, &rule.uuid, &rule.serial, &rule.product)
        {
            return Err(RuleError::SameMachines { other: other.name.clone(), name });
        }
    }
    Ok(())
}
