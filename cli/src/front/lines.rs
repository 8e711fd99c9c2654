// SPDX-License-Identifier: GPL-3.0-or-later
//! How the site stands, in lines for people: some 15 at most, however many hosts there are.

use super::status::{HostNote, Note, Status};
use crate::program;

/// How many hosts, records or media of one kind are named.
const MAX_NAMED: usize = 3;
/// The width of the first column, with the blanks behind it.
const COLUMN: usize = 11;

/// The lines, fitted to the terminal.
pub(super) fn lines(status: &Status) -> Vec<String> {
    let mut lines = Lines::default();
    let on = format!("{} on {}, {}", status.cluster, status.interface, status.address);
    lines.add("cluster", &on);
    for note in status.interface_problem.iter().chain(&status.interface_warning) {
        lines.note("", note);
    }
    lines.services(status);
    let total: usize = status.hosts.values().sum();
    let states: Vec<String> = status.hosts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    match total {
        0 => lines.add("hosts", "none; permit the first one with: host-state arm MAC --type TYPE"),
        _ => lines.add("hosts", &format!("{total}: {}", states.join(", "))),
    }
    lines.hosts("failed", &status.failed, "host-state explain", "host-state list --state FAILED");
    lines.hosts("stalled", &status.stalled, "host-state log", "host-state list --stalled");
    for line in status.unreadable.iter().take(MAX_NAMED) {
        lines.add("unreadable", line);
    }
    lines.more("unreadable", status.unreadable.len(), "host-state check");
    if status.unknown_machines > 0 {
        let verb = if status.unknown_machines == 1 { "machine asks" } else { "machines ask" };
        let line = format!("{} unknown {verb}; see: host-state pending", status.unknown_machines);
        lines.add("waiting", &line);
    }
    for note in status.media.iter().take(MAX_NAMED) {
        lines.note("missing", note);
    }
    lines.more("missing", status.media.len(), "host-state check");
    lines.0
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, title: &str, text: &str) {
        self.0.push(program::wrapped(&format!("{title:<COLUMN$}{text}"), COLUMN));
    }

    fn note(&mut self, title: &str, note: &Note) {
        self.add(title, &format!("{}; {}", note.problem, note.advice));
    }

    fn services(&mut self, status: &Status) {
        let describe = |runs: bool| {
            let names = status.services.iter().filter(|service| service.runs == runs).map(|service| service.name);
            names.collect::<Vec<_>>().join(", ")
        };
        let (up, down) = (describe(true), describe(false));
        let text = match (up.is_empty(), down.is_empty()) {
            (true, true) => "hps.conf says that HPS does not manage the services".to_owned(),
            (false, true) => format!("{up} up"),
            (true, false) => format!("{down} down, so no machine can boot; start with: reload"),
            (false, false) => format!("{up} up, {down} down; start with: reload"),
        };
        self.add("services", &text);
    }

    fn hosts(&mut self, title: &str, hosts: &[HostNote], command: &str, all: &str) {
        for HostNote { host, problem } in hosts.iter().take(MAX_NAMED) {
            let colon = if problem.is_empty() { "" } else { ": " };
            self.add(title, &format!("{host}{colon}{problem}; see: {command} {host}"));
        }
        self.more(title, hosts.len(), all);
    }

    fn more(&mut self, title: &str, count: usize, command: &str) {
        if count > MAX_NAMED {
            self.add(title, &format!("and {} more; see: {command}", count - MAX_NAMED));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::status::ServiceStatus;

    #[test]
    fn a_site_with_a_thousand_troubles_fits_on_a_screen() {
        let host = |number| HostNote { host: format!("sch-{number:03}"), problem: "disk sda carries ext4".to_owned() };
        let note = || Note { problem: "SCH: nothing is published".to_owned(), advice: "build-image".to_owned() };
        let mut status = Status {
            version: "0",
            cluster: "site1".to_owned(),
            interface: "eth1".to_owned(),
            address: "10.0.0.1/24".to_owned(),
            interface_problem: Some(note()),
            interface_warning: None,
            services: vec![
                ServiceStatus { name: "dnsmasq", runs: true },
                ServiceStatus { name: "lighttpd", runs: false },
            ],
            hosts: [("FAILED", 500), ("INSTALLING", 500)].into(),
            failed: (0..500).map(host).collect(),
            stalled: (500..1000).map(host).collect(),
            unreadable: Vec::new(),
            unknown_machines: 1,
            media: (0..9).map(|_| note()).collect(),
            attention: true,
        };
        let all = lines(&status);
        assert!(all.len() <= 18, "{all:#?}");
        for line in [
            "services   dnsmasq up, lighttpd down; start with: reload",
            "hosts      1000: 500 FAILED, 500 INSTALLING",
            "failed     sch-000: disk sda carries ext4; see: host-state explain sch-000",
            "failed     and 497 more; see: host-state list --state FAILED",
            "waiting    1 unknown machine asks; see: host-state pending",
        ] {
            assert!(all.iter().any(|own| own == line), "{line}: {all:#?}");
        }
        status.hosts.clear();
        assert!(lines(&status).iter().any(|line| line.contains("host-state arm")));
    }
}
