// SPDX-License-Identifier: GPL-3.0-or-later
//! The parts of the check, one at a time: for `self-test`, which has other checks around them.

use super::findings::{Finding, Findings};
use super::{
    addresses, allocations, marks, permissions, preflight, profiles, proofs, published, readers, records, rules,
};
use hps::preflight::FindingKind;
use hps::store::Store;

/// The records of hosts and what belongs to them: each alone, and compared with the others.
///
/// # Errors
/// When a folder cannot be listed.
pub(crate) fn registry(store: &Store) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Findings::default();
    let registry = records::read(store, &mut findings)?;
    records::check(&registry, &mut findings);
    allocations::check(&registry, &mut findings)?;
    permissions::check(&registry, &mut findings);
    marks::check(&registry, &mut findings);
    proofs::check(&registry, &mut findings);
    profiles::check(&registry, &mut findings);
    rules::check(&registry, &mut findings);
    Ok(findings.0)
}

/// What the boot manager cannot read, and what others can change.
///
/// # Errors
/// When the records cannot be listed.
pub(crate) fn rights(store: &Store) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Findings::default();
    let registry = records::read(store, &mut Findings::default())?;
    readers::check(&registry, &mut findings);
    published::check(&registry, &mut findings);
    Ok(findings.0)
}

/// What the preflight check finds for each host type of the cluster, and for what is permitted now.
///
/// # Errors
/// When the records cannot be listed.
pub(crate) fn media(store: &Store) -> anyhow::Result<Vec<(FindingKind, Finding)>> {
    let mut others = Findings::default();
    let registry = records::read(store, &mut others)?;
    let permissions = permissions::check(&registry, &mut others);
    preflight::kinds(&registry, &permissions)
}

/// Addresses of hosts that other machines use.
///
/// # Errors
/// When the records cannot be listed.
pub(crate) fn addresses(store: &Store) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Findings::default();
    let registry = records::read(store, &mut Findings::default())?;
    addresses::check(&registry, true, &mut findings);
    Ok(findings.0)
}
