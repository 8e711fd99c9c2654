// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use crate::other_dhcp::Heard;
use hps::wire::{DhcpServer, disagreements};

/// Other servers, by the rules of `reload`.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let network = &context.store.cluster.network;
    let others = match context.heard()? {
        Heard::Servers(others) => others,
        Heard::Unconnected(why) | Heard::Nothing(why) => return Ok(vec![Found::unchecked(why, "")]),
    };
    let wrong: Vec<Found> = disagreements(network, &others)
        .iter()
        .map(|why| Found::problem(format!("{}: {why}", network.interface), why.advice()))
        .collect();
    if wrong.is_empty() && !others.is_empty() {
        let known: Vec<String> = others.iter().map(DhcpServer::to_string).collect();
        return Ok(vec![Found::ok(format!("dhcp is \"{}\", beside {}", network.dhcp, known.join(" and ")))]);
    }
    Ok(wrong)
}
