// SPDX-License-Identifier: GPL-3.0-or-later
//! The services for a service manager: a systemd unit each (systemd.service(5)), or one file for supervisord.

use std::path::Path;

/// Where the configurations of the two services are.
#[derive(Debug, Clone, Copy)]
pub struct Services<'a> {
    /// dnsmasq's.
    pub dnsmasq: &'a Path,
    /// lighttpd's.
    pub lighttpd: &'a Path,
    /// The folder of run time files, made again at each start because it may vanish at a reboot.
    pub run: &'a Path,
}

const WRITTEN: &str = "# Written by reload of HPS. Changes are lost.\n";

/// The unit of dnsmasq.
pub fn systemd_dnsmasq(services: Services<'_>) -> String {
    systemd(
        "DHCP, TFTP and DNS",
        &format!("/usr/sbin/dnsmasq --keep-in-foreground --conf-file={}", services.dnsmasq.display()),
        services.run,
    )
}

/// The unit of lighttpd.
pub fn systemd_lighttpd(services: Services<'_>) -> String {
    systemd(
        "boot manager and files",
        &format!("/usr/sbin/lighttpd -D -f {}", services.lighttpd.display()),
        services.run,
    )
}

fn systemd(about: &str, command: &str, run: &Path) -> String {
    format!(
        "{WRITTEN}[Unit]\nDescription=HPS: {about}\nWants=network-online.target\nAfter=network-online.target\n\n\
         [Service]\nExecStartPre=/usr/bin/install -d -m 0755 {run}\nExecStartPre=/usr/bin/install -d -m 2770 -g hps {run}/upload\n\
         ExecStart={command}\nRestart=on-failure\nRestartSec=5\n\n\
         [Install]\nWantedBy=multi-user.target\n",
        run = run.display()
    )
}

/// The file for supervisord's `conf.d`.
pub fn supervisord(services: Services<'_>) -> String {
    let program = |name: &str, command: String| {
        let run = services.run.display();
        let command = format!(
            "/bin/sh -c 'install -d -m 0755 {run} && install -d -m 2770 -g hps {run}/upload && exec {command}'"
        );
        format!(
            "\n[program:{name}]\ncommand={command}\nautostart=true\nautorestart=true\nstartsecs=1\nredirect_stderr=true\n"
        )
    };
    format!(
        ";{}{}{}",
        WRITTEN.trim_start_matches('#'),
        program(
            "hps-dnsmasq",
            format!("/usr/sbin/dnsmasq --keep-in-foreground --conf-file={}", services.dnsmasq.display())
        ),
        program("hps-lighttpd", format!("/usr/sbin/lighttpd -D -f {}", services.lighttpd.display()))
    )
}
