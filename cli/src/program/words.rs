// SPDX-License-Identifier: GPL-3.0-or-later
//! Words that files and the wire have in one case, and that people type in any case.

use std::str::FromStr;

/// The value of a word in any case.
///
/// # Errors
/// That of the word as it was typed.
pub fn in_any_case<T: FromStr>(text: &str) -> Result<T, T::Err> {
    let in_other_case = || text.to_ascii_uppercase().parse().or_else(|_| text.to_ascii_lowercase().parse());
    text.parse().or_else(|error| in_other_case().map_err(|_: T::Err| error))
}

#[cfg(test)]
mod tests {
    use super::in_any_case;
    use hps::host::HostState;
    use hps::types::{BootMode, HostType, Profile};

    #[test]
    fn a_type_a_state_and_a_profile() {
        assert_eq!(in_any_case("sch"), Ok(HostType::SCH));
        assert_eq!(in_any_case("Installed"), Ok(HostState::Installed));
        assert_eq!(in_any_case("StorageRaid"), Ok(Profile::StorageRaid));
        assert_eq!(in_any_case("UEFI"), Ok(BootMode::Uefi));
        let error = in_any_case::<HostType>("x-z").unwrap_err();
        assert!(error.to_string().contains("\"x-z\""), "{error}");
    }
}
