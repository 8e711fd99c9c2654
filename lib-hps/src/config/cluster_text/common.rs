// SPDX-License-Identifier: GPL-3.0-or-later
//! What all hosts of a cluster have in common: the head of the file, `[network]`, `[time]`, `[web]`, `[install]` and
//! `[boot]`.

use super::lines::Lines;
use crate::config::{BootSettings, Cluster, InstallSettings, Network, TimeSettings, WebSettings};

pub(super) fn head(out: &mut Lines, cluster: &Cluster) {
    out.line("# An HPS cluster. Edit it by hand or with cluster-configure, then run: reload");
    out.line("# The boot manager reads this file at every request, so most changes count at once. dnsmasq and lighttpd, which serve");
    out.line("# [network], read files that reload writes from it. Every key: docs/reference/cluster-file.md");
    out.bare("version", Cluster::VERSION, "of this format");
    out.text("name", &cluster.name, "also the name of this file");
    out.text("description", &cluster.description, "one line for people");
}

pub(super) fn network(out: &mut Lines, network: &Network) {
    out.table("network");
    out.text("interface", &network.interface, "serves DHCP, TFTP, DNS and HTTP");
    out.text("address", network.address, "of this node on it, with the prefix length");
    out.text("dhcp", network.dhcp, "server: this node gives addresses; proxy: only boot files; none: neither");
    out.list("other_dhcp_servers", &network.other_dhcp_servers, "known ones, which may answer beside this node's");
    out.text("dhcp_range", network.dhcp_range, "for machines that are not known yet");
    out.text("host_range", network.host_range, "reserved for hosts, one each, for good");
    out.option("gateway", network.gateway.as_ref(), "default gateway of hosts");
    out.list("dns", &network.dns, "name servers of hosts; empty: this node");
    out.list("ntp", &network.ntp, "time servers of hosts");
    out.option("syslog", network.syslog.as_ref(), "server that hosts send their logs to; tcp:ADDRESS for TCP");
    match network.mtu {
        Some(mtu) => out.bare("mtu", mtu, "largest packet of hosts, in bytes"),
        None => out.line(&format!("# {:<42} # largest packet of hosts, in bytes", "mtu = 1500")),
    }
    out.text("domain", &network.domain, "of hosts");
    out.bare("http_port", network.http_port, "of the boot manager and the files");
}

pub(super) fn time(out: &mut Lines, time: &TimeSettings) {
    out.table("time");
    out.bare("server", time.server, "true: this node is the time server of hosts (chrony)");
    out.list("upstream", &time.upstream, "its own time servers, names or addresses");
}

pub(super) fn web(out: &mut Lines, web: &WebSettings) {
    out.table("web");
    out.bare("server", web.server, "true: a page, an API and metrics for other machines, with TLS and a login");
    out.bare("port", web.port, "of the page");
    out.option("address", web.address.as_ref(), "of this node that serves it; otherwise all");
    out.option("certificate", web.certificate.as_ref(), "file in PEM; otherwise reload makes one");
    out.option("key", web.key.as_ref(), "of the certificate, if it has a file of its own");
    out.text("login", web.login.as_str(), "file: passwords of hps-web user; pam: those of this machine");
    out.bare("changes", web.changes, "true: programs with a token of hps-web token may arm, disarm and switch hosts");
}

pub(super) fn install(out: &mut Lines, install: &InstallSettings) {
    out.table("install");
    out.text(
        "enrolment",
        install.enrolment,
        "menu: a person at the console of a new machine may choose; armed: only host-state arm",
    );
    out.bare("max_attempts", install.max_attempts, "that one permission gives before the host is FAILED");
    out.bare("max_refusals", install.max_refusals, "bad tickets or tokens after which a permission ends; 0: never");
    out.text("permission_lifetime", install.permission_lifetime, "of host-state arm without --expires");
    out.text("attempt_lifetime", install.attempt_lifetime, "how long one installation may take");
    out.bare("disk_min_gib", install.disk_min_gib, "smallest system disk");
    out.bare("memory_min_mib", install.memory_min_mib, "smallest memory, as Linux counts it (MemTotal)");
    out.text("admin_user", &install.admin_user, "the administrator's account on every host");
    out.list("ssh_keys", &install.ssh_keys, "the administrator's public keys");
    out.option("root_password_hash", install.root_password_hash.as_ref(), "crypt(5); without it root has no password");
    out.text("timezone", &install.timezone, "of hosts");
    out.text("keyboard", &install.keyboard, "layout of the consoles of hosts, as XKB calls it: us, gb, de");
    out.text(
        "sources",
        install.sources.as_str(),
        "of packages later: site, this node alone; distribution, its mirrors too; auto, mirrors for Debian with a gateway",
    );
    out.option(
        "notify",
        install.notify.as_ref(),
        "program that is called, as user hps, when a host is INSTALLED or FAILED; see host-state notify",
    );
    out.line("");
    out.line("# An installation that stays in a stage for longer is shown as stalled: host-state list --stalled");
    out.line("[install.stage_limits]");
    for (key, limit, about) in install.stage_limits.entries() {
        out.text(key, limit, about);
    }
}

pub(super) fn boot(out: &mut Lines, boot: &BootSettings) {
    out.table("boot");
    out.list("consoles", &boot.consoles, "serial consoles, such as \"ttyS0,115200n8\"");
    out.bare("menu_timeout", boot.menu_timeout, "seconds without a key until a menu does the safe thing");
    out.text("order", boot.order.as_str(), "what UEFI of an installed host tries first: network or disk");
    out.text("local", boot.local.as_str(), "how a machine is handed to its disk: chainloader, exit or sanboot");
    out.text(
        "unknown",
        boot.unknown.as_str(),
        "with enrolment armed, a new machine starts its disk (local) or waits (wait)",
    );
    out.text("loader", boot.loader.as_str(), "of UEFI machines: ipxe, or grub, which Secure Boot accepts");
}
