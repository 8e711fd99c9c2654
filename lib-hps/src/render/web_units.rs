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

/// The file for supervisord's `conf.d` of both. It is a separate file, so that the other services keep running when it
/// comes or goes.
pub fn supervisord_web(services: Services<'_>) -> String {
    let page = services.page;
    let (run, folder) = (services.run.display(), page.folder.display());
    let program = |name: &str, command: String| {
        format!(
            "\n[program:{name}]\ncommand=/bin/sh -c 'install -d -m 0755 {run} && install -d -m 0750 -g {USER} {folder} && \
             exec {command}'\nenvironment=HPS_CONFIG=\"{conf}\"\ndirectory=/\nautostart=true\nautorestart=true\nstartsecs=1\n\
             redirect_stderr=true\n",
            conf = services.conf.display()
        )
    };
    format!(
        ";{}{}{}",
        WRITTEN.trim_start_matches('#'),
        program("hps-web", web_command(page)),
        program("hps-web-tls", tls_command(page))
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
    format!("{} --socket {} --user {USER}", page.program.display(), page.socket.display())
}

fn tls_command(page: PagePlaces<'_>) -> String {
    format!("/usr/sbin/lighttpd -D -f {}", page.lighttpd.display())
}
