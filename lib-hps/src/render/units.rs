// SPDX-License-Identifier: GPL-3.0-or-later
//! The services for a service manager: a systemd unit each (systemd.service(5)), or one file for supervisord.

use super::lighttpd::USER;
use super::sandbox::{OF_SITE_COMMAND, Sandbox};
use std::path::Path;

/// Where the configurations of the services are, and what their units depend on.
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
    /// The services of the page.
    pub page: PagePlaces<'a>,
    /// `hps.conf`.
    pub conf: &'a Path,
    /// All folders of `hps.conf`.
    pub folders: &'a [&'a Path],
    /// Those that services write, below which the sandbox of systemd lets them write.
    pub writable: &'a [&'a Path],
    /// The unit of the cluster's interface, where systemd has one: `sys-subsystem-net-devices-eth1.device`.
    pub interface_unit: Option<&'a str>,
}

/// Where the services of the page have their files.
#[derive(Debug, Clone, Copy)]
pub struct PagePlaces<'a> {
    /// The copy of `hps-web`.
    pub program: &'a Path,
    /// The configuration of the lighttpd in front of it.
    pub lighttpd: &'a Path,
    /// The folder of the sockets. Only root makes something in it, so no other program can take the place of a socket.
    pub folder: &'a Path,
    /// The socket of `hps-web`.
    pub socket: &'a Path,
    /// The copy of `hps-web` that makes changes.
    pub helper: &'a Path,
    /// Its socket.
    pub changes: &'a Path,
    /// The folder of the logs of both.
    pub log: &'a Path,
    /// Secrets that `hps-web` does not need.
    pub secrets: &'a [&'a Path],
}

pub(super) const WRITTEN: &str = "# Written by reload of HPS. Changes are lost.\n";

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

/// The unit of dnsmasq. It begins as root and changes to a user of its own.
pub fn systemd_dnsmasq(services: Services<'_>) -> String {
    systemd(
        "DHCP, TFTP and DNS",
        &format!("/usr/sbin/dnsmasq --keep-in-foreground --conf-file={}", services.dnsmasq.display()),
        services,
        Sandbox {
            capabilities: &[
                "CAP_NET_ADMIN",
                "CAP_NET_RAW",
                "CAP_NET_BIND_SERVICE",
                "CAP_SETUID",
                "CAP_SETGID",
                "CAP_SETPCAP",
                "CAP_CHOWN",
                "CAP_DAC_OVERRIDE",
            ],
            families: &["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_UNIX"],
            sets_clock: false,
            own: &[],
        },
    )
}

/// The unit of lighttpd, and of the boot manager that it starts. Both run as the web server's user.
pub fn systemd_lighttpd(services: Services<'_>) -> String {
    systemd(
        "boot manager and files",
        &format!("/usr/sbin/lighttpd -D -f {}", services.lighttpd.display()),
        services,
        Sandbox {
            capabilities: &["CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID", "CAP_DAC_OVERRIDE"],
            // The boot manager asks the kernel for the MAC of an address.
            families: &["AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"],
            sets_clock: false,
            own: &[],
        },
    )
}

/// The unit of chronyd.
pub fn systemd_chronyd(services: Services<'_>) -> String {
    systemd(
        "time server",
        &format!("/usr/sbin/chronyd -n -f {}", services.chrony.display()),
        services,
        Sandbox {
            capabilities: &[
                "CAP_SYS_TIME",
                "CAP_NET_BIND_SERVICE",
                "CAP_SETUID",
                "CAP_SETGID",
                "CAP_SETPCAP",
                "CAP_CHOWN",
                "CAP_DAC_OVERRIDE",
            ],
            families: &["AF_INET", "AF_INET6", "AF_UNIX"],
            sets_clock: true,
            own: &["/var/lib/chrony"],
        },
    )
}

/// The unit of the program that calls the site's command. It needs no right of root and has none.
pub fn systemd_notify(services: Services<'_>) -> String {
    format!(
        "{WRITTEN}[Unit]\nDescription=HPS: notifies the site of hosts that are INSTALLED or FAILED\n\n\
         [Service]\nUser={USER}\nGroup={USER}\nEnvironment=HPS_CONFIG={conf}\nExecStart={notify} notify --follow\n\
         Restart=always\nRestartSec=5\n{OF_SITE_COMMAND}\n[Install]\nWantedBy=multi-user.target\n",
        conf = services.conf.display(),
        notify = services.notify.display()
    )
}

/// A daemon that needs the address of the cluster. It starts again whenever it ends, so also when the address comes later
/// than the network is said to be there. It ends with its interface and starts with it, because its sockets belong to
/// the interface.
fn systemd(about: &str, command: &str, services: Services<'_>, sandbox: Sandbox<'_>) -> String {
    let (binds, starts_with) = match services.interface_unit {
        Some(unit) => (format!("BindsTo={unit}\nAfter={unit}\n"), format!(" {unit}")),
        None => (String::new(), String::new()),
    };
    // `+`: the folder is made outside the sandbox, which refuses to start without it.
    format!(
        "{WRITTEN}[Unit]\nDescription=HPS: {about}\nWants=network-online.target\nAfter=network-online.target\n{binds}\n\
         [Service]\nExecStartPre=+/usr/bin/install -d -m 0755 {run}\nExecStartPre=+/usr/bin/install -d -m 2770 -g {USER} {run}/upload\n\
         ExecStart={command}\nRestart=always\nRestartSec=5\n{sandbox}\n\
         [Install]\nWantedBy=multi-user.target{starts_with}\n",
        run = services.run.display(),
        sandbox = sandbox.lines(services.folders, services.writable)
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
        let page = PagePlaces {
            program: Path::new("/s/hps-web"),
            lighttpd: Path::new("/s/web-lighttpd.conf"),
            folder: Path::new("/run/hps/web"),
            socket: Path::new("/run/hps/web/page.sock"),
            helper: Path::new("/s/hps-web-changes"),
            changes: Path::new("/run/hps/web/changes.sock"),
            log: Path::new("/srv/log/web"),
            secrets: &[],
        };
        let services = Services {
            page,
            dnsmasq: Path::new("/s/dnsmasq.conf"),
            lighttpd: Path::new("/s/lighttpd.conf"),
            chrony: Path::new("/s/chrony.conf"),
            run: Path::new("/run/hps"),
            notify: Path::new("/s/hps-notify"),
            conf: Path::new("/c/hps.conf"),
            folders: &[],
            writable: &[],
            interface_unit: None,
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

    #[test]
    fn the_debian_package_rotates_logs_by_the_same_rules() {
        let packaged = include_str!("../../../packaging/debian/hps.logrotate");
        let written = logrotate(Path::new("/srv/log/web"), Path::new("/srv/log/dnsmasq.log"));
        let rules =
            |text: &str| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(rules(packaged), rules(&written));
    }
}
