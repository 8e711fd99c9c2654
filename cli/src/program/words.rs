// SPDX-License-Identifier: GPL-3.0-or-later
//! Words that files and the wire have in capitals, and that people type in any case.

use std::str::FromStr;

/// The value of a word in any case.
///
/// # Errors
/// That of the word as it was typed.
pub fn in_any_case<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.parse().or_else(|error| text.to_ascii_uppercase().parse().map_err(|_| error))
}

#[cfg(test)]
mod tests {
    use super::in_any_case;
    use hps::host::HostState;
    use hps::types::{HostType, Profile};

    #[test]
    fn a_type_a_state_and_a_profile() {
        assert_eq!(in_any_case("sch"), Ok(HostType::Sch));
        assert_eq!(in_any_case("Installed"), Ok(HostState::Installed));
        assert_eq!(in_any_case("StorageRaid"), Ok(Profile::StorageRaid));
        let error = in_any_case::<HostType>("xyz").unwrap_err();
        assert!(error.to_string().contains("\"xyz\""), "{error}");
    }
}
