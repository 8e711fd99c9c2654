// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use hps::exec::services::Service;

/// Whether each service runs. One that another program keeps from its port was reported with the ports.
#[expect(clippy::unnecessary_wraps, reason = "as every check")]
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let Some(manager) = context.manager() else {
        return Ok(vec![Found::ok("hps.conf says that HPS does not manage the services")]);
    };
    let mut found = Vec::new();
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
