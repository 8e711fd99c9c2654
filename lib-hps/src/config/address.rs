// SPDX-License-Identifier: GPL-3.0-or-later
//! IPv4 addresses of a file, with a message of their own for bad ones.

use serde::{Deserialize, Deserializer};
use std::net::Ipv4Addr;

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Address(Ipv4Addr);

impl TryFrom<String> for Address {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self).map_err(|_| "expected an IPv4 address, such as 10.0.0.1")
    }
}

/// For serde: an address.
///
/// # Errors
/// If the value is not an address.
pub(super) fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Ipv4Addr, D::Error> {
    Ok(Address::deserialize(from)?.0)
}

/// For serde: an address that may be missing.
///
/// # Errors
/// If the value is not an address.
pub(super) fn optional_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Ipv4Addr>, D::Error> {
    Ok(Option::<Address>::deserialize(from)?.map(|address| address.0))
}

/// For serde: a list of addresses.
///
/// # Errors
/// If one is not an address.
pub(super) fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Ipv4Addr>, D::Error> {
    Ok(Vec::<Address>::deserialize(from)?.into_iter().map(|address| address.0).collect())
}
