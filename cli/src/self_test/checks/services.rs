// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use anyhow::Context as _;
use hps::exec::services::{Service, other_chronyd};

/// Whether each service runs. One that another program keeps from its port was reported with the ports. And
/// whether a second chronyd runs.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let Some(manager) = context.manager() else {
        return Ok(vec![Found::ok("hps.conf says that HPS does not manage the services")]);
    };
    let mut found = Vec::new();
    let has_time_server = context.store.cluster.time.server;
    let other = if has_time_server { other_chronyd(&context.site.conf).context("/proc cannot be read")? } else { None };
    if let Some(pid) = other {
        let text = format!("another chronyd (process {pid}) sets the clock of this node");
        found.push(Found::problem(text, "systemctl disable --now chrony, then: reload"));
    }
    for service in Service::ALL.into_iter().filter(|service| service.is_wanted(&context.store.cluster)) {
        let program = service.program();
        if manager.is_running(service) || context.is_broken(program) {
            continue;
        }
        context.is_broken_now(program);
        let log = manager.log_command(service);
        found.push(Found::problem(format!("{program} does not run (why it ended: {log})"), "start it with: reload"));
    }
    Ok(found)
}
