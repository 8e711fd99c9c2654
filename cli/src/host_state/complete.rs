// SPDX-License-Identifier: GPL-3.0-or-later
//! What may come next in a shell: current hosts and windows, states, types, times and keys.

use crate::program;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use hps::host::HostState;
use hps::store::Store;
use hps::types::{HostType, Profile};
use std::ffi::OsStr;

/// The keys of `set`; `unset` accepts all except the state.
const KEYS: [&str; 9] = ["name", "type", "profile", "address", "macs", "local", "cpu", "state", "reason"];

fn completer(words: impl Fn(&str) -> Vec<String> + Send + Sync + 'static) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let fits = |word: &String| word.to_ascii_lowercase().starts_with(&typed.to_ascii_lowercase());
        words(&typed).into_iter().filter(fits).map(CompletionCandidate::new).collect()
    })
}

fn store() -> Option<Store> {
    program::open_store().ok()
}

/// Names of hosts; the MAC if a host has no name.
pub(super) fn labels(store: &Store) -> Vec<String> {
    let files = store.hosts().list().unwrap_or_default();
    files.into_iter().map(|file| file.host.map_or_else(|_| file.mac.colons(), |host| host.label())).collect()
}

fn current_labels() -> Vec<String> {
    program::host_names_for_member().or_else(|| store().map(|store| labels(&store))).unwrap_or_default()
}

/// Names of the active cluster's hosts; the MAC if a host has no name.
pub(crate) fn hosts() -> ArgValueCompleter {
    completer(|_| current_labels())
}

/// MACs of machines that asked and are not known.
pub(super) fn unknown_macs() -> ArgValueCompleter {
    completer(|_| {
        let pending = store().and_then(|store| store.pending().list().ok());
        pending.into_iter().flat_map(|list| list.waiting).map(|machine| machine.mac.colons()).collect()
    })
}

/// Names of windows.
pub(super) fn windows() -> ArgValueCompleter {
    completer(|_| {
        let windows = store().and_then(|store| store.windows().not_closed().ok()).unwrap_or_default();
        windows.into_iter().map(|window| window.rule.name.to_string()).collect()
    })
}

fn state_names() -> Vec<String> {
    HostState::ALL.iter().map(ToString::to_string).collect()
}

fn type_names() -> Vec<String> {
    let types = store().map_or_else(|| HostType::BUILT_IN.to_vec(), |store| store.cluster.known_types());
    types.iter().map(ToString::to_string).collect()
}

fn profile_names() -> Vec<String> {
    Profile::ALL.iter().map(Profile::to_string).collect()
}

/// States; after a comma another one.
pub(super) fn states() -> ArgValueCompleter {
    completer(|typed| {
        let before = typed.rfind(',').and_then(|at| typed.get(..=at)).unwrap_or_default();
        state_names().into_iter().map(|state| format!("{before}{state}")).collect()
    })
}

/// Host types.
pub(super) fn types() -> ArgValueCompleter {
    completer(|_| type_names())
}

/// Times, as examples of their form.
pub(super) fn times() -> ArgValueCompleter {
    completer(|_| ["30m", "2h", "8h", "1d", "7d"].map(str::to_owned).to_vec())
}

/// Hosts, and `KEY=VALUE` if the values are known.
pub(super) fn set_words() -> ArgValueCompleter {
    completer(|typed| match typed.split_once('=') {
        None => current_labels().into_iter().chain(KEYS.map(|key| format!("{key}="))).collect(),
        Some((key, _)) => {
            let values = match key {
                "state" => state_names().into_iter().filter(|s| s != "INSTALLING").collect(),
                "type" => type_names(),
                "profile" => profile_names(),
                _ => Vec::new(),
            };
            values.into_iter().map(|value| format!("{key}={value}")).collect()
        }
    })
}

/// Hosts, and the keys of `unset`.
pub(super) fn unset_words() -> ArgValueCompleter {
    completer(|_| {
        current_labels().into_iter().chain(KEYS.into_iter().filter(|k| *k != "state").map(str::to_owned)).collect()
    })
}
