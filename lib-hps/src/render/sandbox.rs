// SPDX-License-Identifier: GPL-3.0-or-later
//! What a unit of systemd may not do (systemd.exec(5)). `systemd-analyze security` judges it; a test holds its figures.

use std::fmt::Write as _;
use std::path::Path;

/// Folders that a sandbox can hide, and the words that hide each.
const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];
const TEMPORARY: [&str; 2] = ["/tmp", "/var/tmp"];

/// The sandbox of a daemon that starts as root.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sandbox<'a> {
    /// The capabilities that it has at all (capabilities(7)).
    pub(super) capabilities: &'a [&'a str],
    /// The kinds of sockets that it opens.
    pub(super) families: &'a [&'a str],
    /// Whether it sets the clock.
    pub(super) sets_clock: bool,
    /// Folders that it writes, besides those of the site.
    pub(super) own: &'a [&'a str],
}

impl Sandbox<'_> {
    /// Its lines of a unit. The daemon reads all files and writes those below `writable` alone. `folders` are all folders
    /// of the site: what hides one of them is left out.
    pub(super) fn lines(&self, folders: &[&Path], writable: &[&Path]) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let mut line = |words: std::fmt::Arguments<'_>| {
            let _infallible = writeln!(text, "{words}");
        };
        line(format_args!("CapabilityBoundingSet={}", self.capabilities.join(" ")));
        line(format_args!("RestrictAddressFamilies={}", self.families.join(" ")));
        line(format_args!("NoNewPrivileges=yes"));
        line(format_args!("ProtectSystem=strict"));
        for folder in writable {
            line(format_args!("ReadWritePaths={}", folder.display()));
        }
        for folder in self.own {
            line(format_args!("ReadWritePaths=-{folder}"));
        }
        line(format_args!("ProtectHome={}", if is_in(folders, &HOMES) { "read-only" } else { "yes" }));
        if !is_in(folders, &TEMPORARY) {
            line(format_args!("PrivateTmp=yes"));
        }
        let clock = if self.sets_clock { " @clock" } else { "" };
        if !self.sets_clock {
            line(format_args!("ProtectClock=yes"));
            line(format_args!("PrivateDevices=yes"));
        }
        for protects in ["ProtectHostname", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs"] {
            line(format_args!("{protects}=yes"));
        }
        for forbids in ["ProtectControlGroups", "RestrictNamespaces", "RestrictRealtime", "LockPersonality"] {
            line(format_args!("{forbids}=yes"));
        }
        line(format_args!("RestrictSUIDSGID=yes"));
        line(format_args!("SystemCallArchitectures=native"));
        line(format_args!("SystemCallFilter=@system-service{clock}"));
        text
    }
}

/// The sandbox of the program that calls the site's command, which may send a mail by a program with more rights. So
/// nothing here sets `NoNewPrivileges`, as most words for units with `User=` do, and only rights are taken that no such
/// program has a use for.
pub(super) const OF_SITE_COMMAND: &str = "\
CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_PTRACE CAP_SYS_BOOT CAP_SYS_TIME CAP_SYS_PACCT \
CAP_SYS_TTY_CONFIG CAP_SYSLOG CAP_NET_ADMIN CAP_MKNOD CAP_BPF CAP_PERFMON CAP_MAC_ADMIN CAP_MAC_OVERRIDE \
CAP_LINUX_IMMUTABLE CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_IPC_LOCK CAP_LEASE
ProtectSystem=full
ProtectControlGroups=yes
";

fn is_in(folders: &[&Path], places: &[&str]) -> bool {
    folders.iter().any(|folder| places.iter().any(|place| folder.starts_with(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_a_folder_of_the_site_is_left_out() {
        let sandbox = Sandbox { capabilities: &[], families: &["AF_INET"], sets_clock: false, own: &[] };
        let lines = |folder: &str| sandbox.lines(&[Path::new(folder)], &[]);
        let usual = lines("/srv/hps-config");
        assert!(usual.contains("ProtectHome=yes\n") && usual.contains("PrivateTmp=yes\n"), "{usual}");
        assert!(lines("/home/hps/distros").contains("ProtectHome=read-only\n"));
        assert!(!lines("/tmp/lab/srv").contains("PrivateTmp"));
        assert!(lines("/homes/x").contains("ProtectHome=yes\n"), "another folder");
    }
}
