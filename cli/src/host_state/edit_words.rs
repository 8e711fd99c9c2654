// SPDX-License-Identifier: GPL-3.0-or-later
//! The words of `set` and `unset`: hosts, and KEY=VALUE or KEY. A list of `import` has the same keys and values.

use super::host_word::HostWord;
use crate::program::in_any_case;
use hps::host::Edit;
use hps::types::Invalid;
use std::str::FromStr;

/// The keys of [`value_of`], for messages.
pub(super) const EXPECTED: &str = "expected name=, type=, profile=, address=, macs=, local=, cpu=, state= or reason=";

/// Why a word is not an edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum WordError {
    /// A value, or a host of `unset`.
    #[error(transparent)]
    Value(#[from] Invalid),
    #[error("{0}; or KEY=VALUE")]
    Host(Invalid),
    #[error("address {0:?}: expected IPv4, such as 10.0.0.17")]
    Address(String),
    #[error("{0:?} is not a key; {EXPECTED}")]
    Key(String),
    #[error("every host has a state; see: host-state set --help")]
    StateStays,
}

/// A word of `set`.
#[derive(Debug, Clone)]
pub(super) enum SetWord {
    Host(HostWord),
    Value(Box<Edit>),
}

/// A word of `unset`.
#[derive(Debug, Clone)]
pub(super) enum UnsetWord {
    Host(HostWord),
    Key(EditKey),
}

/// What `unset` can remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EditKey {
    Name,
    Type,
    Profile,
    Address,
    Macs,
    Local,
    Cpu,
    Reason,
}

impl FromStr for SetWord {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        match text.split_once('=') {
            Some((key, value)) => value_of(key, value).map(Box::new).map(Self::Value),
            None => text.parse().map(Self::Host).map_err(WordError::Host),
        }
    }
}

impl FromStr for UnsetWord {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let key = match text {
            "name" => EditKey::Name,
            "type" => EditKey::Type,
            "profile" => EditKey::Profile,
            "address" => EditKey::Address,
            "macs" => EditKey::Macs,
            "local" => EditKey::Local,
            "cpu" => EditKey::Cpu,
            "reason" => EditKey::Reason,
            "state" => return Err(WordError::StateStays),
            _ => return Ok(Self::Host(text.parse()?)),
        };
        Ok(Self::Key(key))
    }
}

/// An edit of one value.
pub(super) fn value_of(key: &str, value: &str) -> Result<Edit, WordError> {
    let none = Edit::default();
    Ok(match key {
        "name" => Edit { name: Some(Some(value.to_ascii_lowercase().parse()?)), ..none },
        "type" => Edit { host_type: Some(Some(in_any_case(value)?)), ..none },
        "profile" => Edit { profile: Some(Some(in_any_case(value)?)), ..none },
        "address" => {
            let address = value.parse().map_err(|_| WordError::Address(value.to_owned()))?;
            Edit { address: Some(Some(address)), ..none }
        }
        "cpu" => Edit { cpu: Some(Some(value.parse()?)), ..none },
        "state" => Edit { state: Some(in_any_case(value)?), ..none },
        "local" => Edit { local: Some(Some(value.parse()?)), ..none },
        "reason" => Edit { reason: Some(Some(value.parse()?)), ..none },
        "macs" => {
            let list = value.split([',', ' ']).filter(|word| !word.is_empty());
            Edit { macs: Some(list.map(str::parse).collect::<Result<_, _>>()?), ..none }
        }
        _ => return Err(WordError::Key(key.to_owned())),
    })
}

/// Two edits in one; the later one wins.
pub(super) fn join(first: Edit, then: Edit) -> Edit {
    Edit {
        name: then.name.or(first.name),
        host_type: then.host_type.or(first.host_type),
        profile: then.profile.or(first.profile),
        address: then.address.or(first.address),
        local: then.local.or(first.local),
        state: then.state.or(first.state),
        reason: then.reason.or(first.reason),
        cpu: then.cpu.or(first.cpu),
        macs: then.macs.or(first.macs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_edit_has_its_reason() {
        let set = |text: &str| text.parse::<SetWord>().unwrap_err();
        assert_eq!(set("colour=red"), WordError::Key("colour".to_owned()));
        assert_eq!(set("address=here"), WordError::Address("here".to_owned()));
        assert!(matches!(set("type=X-Z"), WordError::Value(_)));
        assert!(matches!(set("no host"), WordError::Host(_)));
        assert_eq!("state".parse::<UnsetWord>().unwrap_err(), WordError::StateStays);
        assert!(matches!("reason".parse(), Ok(UnsetWord::Key(EditKey::Reason))));
    }
}
