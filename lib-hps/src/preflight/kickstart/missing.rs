// SPDX-License-Identifier: GPL-3.0-or-later
//! Commands that a kickstart lacks.

use super::parts::Parts;

/// Commands without which Anaconda asks a person, or installs a system that cannot be used.
pub(super) fn missing(parts: &Parts<'_>) -> Vec<String> {
    let has = |names: &[&str]| parts.commands.iter().any(|words| words.first().is_some_and(|w| names.contains(w)));
    let mut missing = Vec::new();
    for (names, what) in [
        (&["url", "nfs", "cdrom", "harddrive", "liveimg"][..], "url, the source of the installation"),
        (&["lang"], "lang"),
        (&["timezone"], "timezone"),
        (&["network"], "network"),
        (&["selinux"], "selinux"),
        (&["firewall"], "firewall"),
    ] {
        if !has(names) {
            missing.push(format!("it has no {what}"));
        }
    }
    // They may be in a file that is written when the disks are known.
    if parts.includes.is_empty() {
        for (names, what) in
            [(&["bootloader"][..], "bootloader"), (&["part", "partition", "autopart"], "part or autopart")]
        {
            if !has(names) {
                missing.push(format!("it has no {what} and no %include"));
            }
        }
    }
    let option = |words: &Vec<&str>, name: &str| {
        words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let commands = |name: &'static str| parts.commands.iter().filter(move |words| words.first() == Some(&name));
    let root = commands("rootpw").any(|words| !words.contains(&"--lock"));
    let users: Vec<String> = commands("user").filter_map(|words| option(words, "--name")).collect();
    let keys = commands("sshkey").filter_map(|words| option(words, "--username"));
    let password = commands("user").any(|words| option(words, "--password").is_some());
    if !root && !password && !keys.into_iter().any(|name| name == "root" || users.contains(&name)) {
        missing.push("no login is possible: root has no password, and no user has a password or an sshkey".to_owned());
    }
    if parts.packages.is_none() {
        missing.push("it has no %packages".to_owned());
    }
    missing
}
