// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use crate::reload::drift;
use hps::exec::ip::{self, LinkState};

/// Whether machines can reach this node.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    if let Err(error) = drift::check_address(&context.store) {
        return Ok(vec![Found::problem_line(&format!("{error:#}"))]);
    }
    let network = &context.store.cluster.network;
    let interface = &network.interface;
    Ok(vec![match ip::link_state(interface)? {
        LinkState::Up => Found::ok(format!("{interface} is up and has {}", network.address)),
        LinkState::NoCarrier => {
            Found::warning(format!("nothing is connected to {interface}"), "check the cable and the switch")
        }
        LinkState::Down | LinkState::Missing => {
            Found::problem(format!("{interface} is down"), format!("ip link set {interface} up"))
        }
    }])
}
