// SPDX-License-Identifier: GPL-3.0-or-later
//! The services of the page for a service manager: `hps-web`, and the lighttpd in front of it.

use super::lighttpd::USER;
use super::sandbox::Sandbox;
use super::units::{PagePlaces, Services, WRITTEN};

/// The unit of `hps-web`. It makes its socket as root, and goes on as the user of the web server, without any right.
pub fn systemd_web(services: Services<'_>) -> String {
    let page = services.page;
    let sandbox = Sandbox {
        capabilities: &["CAP_SETUID", "CAP_SETGID"],
        families: &["AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"],
        sets_clock: false,
        own: &[&page.folder.display().to_string()],
    };
    let hidden: Vec<String> = page.secrets.iter().map(|path| format!("-{}", path.display())).collect();
    format!(
        "{WRITTEN}[Unit]\nDescription=HPS: page, API and metrics, which only read\nAfter=network.target\n\n\
         [Service]\nEnvironment=HPS_CONFIG={conf}\n{folders}ExecStart={command}\nRestart=always\nRestartSec=5\n\
         MemoryMax=1G\nTasksMax=64\nMemoryDenyWriteExecute=yes\nIPAddressDeny=any\nInaccessiblePaths={hidden}\n{sandbox}\n\
         [Install]\nWantedBy=multi-user.target\n",
        conf = services.conf.display(),
        folders = make_folders(services),
        command = web_command(page),
        hidden = hidden.join(" "),
        sandbox = sandbox.lines(services.folders, &[]),
    )
}

/// The unit of the lighttpd in front of it.
pub fn systemd_web_tls(services: Services<'_>) -> String {
    let page = services.page;
    let sandbox = Sandbox {
        capabilities: &["CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID", "CAP_DAC_READ_SEARCH"],
        families: &["AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"],
        sets_clock: false,
        own: &[&page.log.display().to_string(), &services.run.display().to_string()],
    };
    format!(
        "{WRITTEN}[Unit]\nDescription=HPS: TLS and login of the page\nAfter=network.target hps-web.service\n\
         Wants=hps-web.service\n\n[Service]\n{folders}ExecStart={command}\nRestart=always\nRestartSec=5\n{sandbox}\n\
         [Install]\nWantedBy=multi-user.target\n",
        folders = make_folders(services),
        command = tls_command(page),
        sandbox = sandbox.lines(services.folders, &[]),
    )
}

/// The unit of the helper that makes changes over the API. It runs the commands of a person: they write records, send
/// signals to dnsmasq, and speak to BMCs.
pub fn systemd_web_changes(services: Services<'_>) -> String {
    let page = services.page;
    let sandbox = Sandbox {
        capabilities: &[
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_KILL",
            "CAP_NET_RAW",
            "CAP_SETUID",
            "CAP_SETGID",
        ],
        families: &["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_UNIX"],
        sets_clock: false,
        own: &[],
    };
    format!(
        "{WRITTEN}[Unit]\nDescription=HPS: changes over the API, by token\nAfter=network.target\n\n\
         [Service]\nEnvironment=HPS_CONFIG={conf}\n{folders}ExecStart={command}\nRestart=always\nRestartSec=5\n\
         MemoryMax=1G\nTasksMax=256\n{sandbox}\n[Install]\nWantedBy=multi-user.target\n",
        conf = services.conf.display(),
        folders = make_folders(services),
        command = changes_command(page),
        sandbox = sandbox.lines(services.folders, services.writable),
    )
}

/// The file for supervisord's `conf.d` of the helper, which comes and goes by itself.
pub fn supervisord_web_changes(services: Services<'_>) -> String {
    format!(
        ";{}{}",
        WRITTEN.trim_start_matches('#'),
        program(services, "hps-web-changes", &changes_command(services.page))
    )
}

/// The file for supervisord's `conf.d` of both. It is a separate file, so that the other services keep running when it
/// comes or goes.
pub fn supervisord_web(services: Services<'_>) -> String {
    let page = services.page;
    format!(
        ";{}{}{}",
        WRITTEN.trim_start_matches('#'),
        program(services, "hps-web", &web_command(page)),
        program(services, "hps-web-tls", &tls_command(page))
    )
}

fn program(services: Services<'_>, name: &str, command: &str) -> String {
    format!(
        "\n[program:{name}]\ncommand=/bin/sh -c 'install -d -m 0755 {run} && install -d -m 0750 -g {USER} {folder} && \
         exec {command}'\nenvironment=HPS_CONFIG=\"{conf}\"\ndirectory=/\nautostart=true\nautorestart=true\nstartsecs=1\n\
         redirect_stderr=true\n",
        run = services.run.display(),
        folder = services.page.folder.display(),
        conf = services.conf.display()
    )
}

/// `+`: outside the sandbox, which refuses to start without the folders.
fn make_folders(services: Services<'_>) -> String {
    format!(
        "ExecStartPre=+/usr/bin/install -d -m 0755 {}\nExecStartPre=+/usr/bin/install -d -m 0750 -g {USER} {}\n",
        services.run.display(),
        services.page.folder.display()
    )
}

fn web_command(page: PagePlaces<'_>) -> String {
    let (program, socket, changes) = (page.program.display(), page.socket.display(), page.changes.display());
    format!("{program} --socket {socket} --user {USER} --changes {changes}")
}

fn changes_command(page: PagePlaces<'_>) -> String {
    format!("{} serve-changes --socket {}", page.helper.display(), page.changes.display())
}

fn tls_command(page: PagePlaces<'_>) -> String {
    format!("/usr/sbin/lighttpd -D -f {}", page.lighttpd.display())
}
