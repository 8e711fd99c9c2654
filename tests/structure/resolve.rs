// SPDX-License-Identifier: GPL-3.0-or-later
//! What a path leads to: the module that defines the item, also through imports and re-exports.

use crate::modules::{Module, ModulePath};
use std::collections::BTreeMap;

pub(crate) enum Found {
    /// The module that defines the item.
    Item(ModulePath),
    Module(ModulePath),
}

/// What a path that is written in the module `from` leads to; `None` for other crates and local names.
pub(crate) fn resolve(
    modules: &BTreeMap<ModulePath, Module>,
    from: &ModulePath,
    path: &[String],
    depth: usize,
) -> Option<Found> {
    assert!(depth < 20, "{path:?} of {from:?} leads in a circle of re-exports");
    let mut at = from.clone();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => {
            at.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while let Some("super") = rest.first().map(String::as_str) {
                at.pop();
                rest = &rest[1..];
            }
        }
        name => {
            let known = modules[&at].imports.iter().any(|import| import.alias.as_deref() == Some(name))
                || modules[&at].defined.contains(name)
                || modules.contains_key(&child(&at, name))
                || modules[&at].imports.iter().any(|import| import.alias.is_none());
            if !known {
                return None;
            }
        }
    }
    while let Some(name) = rest.first() {
        let inner = child(&at, name);
        if modules.contains_key(&inner) {
            at = inner;
            rest = &rest[1..];
            continue;
        }
        let module = &modules[&at];
        if module.defined.contains(name) {
            return Some(Found::Item(at));
        }
        if let Some(import) = module.imports.iter().find(|import| import.alias.as_deref() == Some(name)) {
            match resolve(modules, &at, &import.path, depth + 1)? {
                Found::Module(place) => {
                    at = place;
                    rest = &rest[1..];
                    continue;
                }
                item @ Found::Item(_) => return Some(item),
            }
        }
        let globs = module.imports.iter().filter(|import| import.alias.is_none());
        for glob in globs {
            if let Some(Found::Module(place)) = resolve(modules, &at, &glob.path, depth + 1)
                && let found @ Some(_) = resolve(modules, &place, &[&["self".to_owned()], rest].concat(), depth + 1)
            {
                return found;
            }
        }
        return None;
    }
    Some(Found::Module(at))
}

fn child(of: &ModulePath, name: &str) -> ModulePath {
    let mut path = of.clone();
    path.push(name.to_owned());
    path
}
