// SPDX-License-Identifier: GPL-3.0-or-later
//! The services for a service manager: a systemd unit each (systemd.service(5)), or one file for supervisord.

use super::lighttpd::USER;
use std::path::Path;

/// Where the configurations of the services are.
#[derive(Debug, Clone, Copy)]
pub struct Services<'a> {
    /// dnsmasq's.
    pub dnsmasq: &'a Path,
    /// lighttpd's.
    pub lighttpd: &'a Path,
    /// chronyd's.
    pub chrony: &'a Path,
    /// The folder of runtime files. Each start makes it again, because a reboot may remove it.
    pub run: &'a Path,
    /// The copy of `host-state` that calls the site's command.
    pub notify: &'a Path,
    /// `hps.conf`.
    pub conf: &'a Path,
}

const WRITTEN: &str = "# Written by reload of HPS. Changes are lost.\n";

/// The rules for logrotate(8), which keep the logs of the services small. HPS does not install them. The web server's
/// user owns the folder of its logs, so logrotate works as that user. It copies the logs, because not every service
/// opens its log again.
pub fn logrotate(web: &Path, dnsmasq: &Path) -> String {
    let rules = "    size 10M\n    rotate 8\n    compress\n    missingok\n    notifempty\n    copytruncate\n";
    format!(
        "{WRITTEN}# To use it: ln -s THIS_FILE /etc/logrotate.d/hps\n\
         \"{web}/*.log\" {{\n    su {USER} {USER}\n{rules}}}\n\"{dnsmasq}\" {{\n{rules}}}\n",
        web = web.display(),
        dnsmasq = dnsmasq.display()
    )
}

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

/// The unit of chronyd.
pub fn systemd_chronyd(services: Services<'_>) -> String {
    systemd("time server", &format!("/usr/sbin/chronyd -n -f {}", services.chrony.display()), services.run)
}

/// The unit of the program that calls the site's command. It needs no right of root and has none.
pub fn systemd_notify(services: Services<'_>) -> String {
    format!(
        "{WRITTEN}[Unit]\nDescription=HPS: notifies the site of hosts that are INSTALLED or FAILED\n\n\
         [Service]\nUser={USER}\nGroup={USER}\nEnvironment=HPS_CONFIG={conf}\nExecStart={notify} notify --follow\n\
         Restart=on-failure\nRestartSec=5\n\n[Install]\nWantedBy=multi-user.target\n",
        conf = services.conf.display(),
        notify = services.notify.display()
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

/// The file for supervisord's `conf.d` of the program that calls the site's command. It is a separate file, so that the
/// other services keep running when it comes or goes.
pub fn supervisord_notify(services: Services<'_>) -> String {
    format!(
        ";{}\n[program:hps-notify]\ncommand={notify} notify --follow\nuser={USER}\nenvironment=HPS_CONFIG=\"{conf}\"\n\
         directory=/\nautostart=true\nautorestart=true\nstartsecs=1\nredirect_stderr=true\n",
        WRITTEN.trim_start_matches('#'),
        conf = services.conf.display(),
        notify = services.notify.display()
    )
}

/// The file for supervisord's `conf.d` of chronyd, which comes and goes too.
pub fn supervisord_chronyd(services: Services<'_>) -> String {
    let run = services.run.display();
    format!(
        ";{}\n[program:hps-chronyd]\ncommand=/bin/sh -c 'install -d -m 0755 {run} && exec /usr/sbin/chronyd -n -f {}'\n\
         autostart=true\nautorestart=true\nstartsecs=1\nredirect_stderr=true\n",
        WRITTEN.trim_start_matches('#'),
        services.chrony.display()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_calls_the_sites_command_has_no_right_of_root() {
        let services = Services {
            dnsmasq: Path::new("/s/dnsmasq.conf"),
            lighttpd: Path::new("/s/lighttpd.conf"),
            chrony: Path::new("/s/chrony.conf"),
            run: Path::new("/run/hps"),
            notify: Path::new("/s/hps-notify"),
            conf: Path::new("/c/hps.conf"),
        };
        let unit = systemd_notify(services);
        for line in ["User=hps", "Environment=HPS_CONFIG=/c/hps.conf", "ExecStart=/s/hps-notify notify --follow"] {
            assert!(unit.lines().any(|l| l == line), "{line}: {unit}");
        }
        let program = supervisord_notify(services);
        for line in ["user=hps", "environment=HPS_CONFIG=\"/c/hps.conf\"", "command=/s/hps-notify notify --follow"] {
            assert!(program.lines().any(|l| l == line), "{line}: {program}");
        }
        assert!(!supervisord(services).contains("notify"), "the others go on undisturbed when it comes");
    }
}
