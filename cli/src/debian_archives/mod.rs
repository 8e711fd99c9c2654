// SPDX-License-Identifier: GPL-3.0-or-later
//! Where packages come from: Debian's archives, and the errors when they cannot be reached.

mod proxies;

pub(crate) use proxies::{lines, settings};

use crate::program::{self, Ended, Exit};
use hps::exec::ExecError;
use hps::exec::apt::{self, Archive, Mirror};
use hps::types::Distro;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Without it apt can prove nothing.
pub(crate) fn need_keyring() -> anyhow::Result<()> {
    if Path::new(apt::KEYRING).exists() {
        return Ok(());
    }
    let message = format!("{} is missing; install it with: apt-get install debian-archive-keyring", apt::KEYRING);
    Err(Ended::error(Exit::Failed, message))
}

/// Mirrors that were named on the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mirrors<'a> {
    /// Debian's archive.
    pub(crate) main: Option<&'a Mirror>,
    /// Debian's security archive.
    pub(crate) security: Option<&'a Mirror>,
}

/// What the name of a release has behind it in the security archive.
const SECURITY: &str = "-security";

/// The release with its updates: from the given mirrors, otherwise from the mirrors of this machine. If this machine
/// has another release, the mirrors of that release are used: Debian's mirrors have all releases.
pub(crate) fn archives(
    mirrors: Mirrors<'_>,
    components: &[&'static str],
    suite: &str,
    stop: &AtomicBool,
) -> anyhow::Result<Vec<Archive>> {
    let mut codenames = vec![suite];
    codenames.extend(Distro::codenames().into_iter().filter(|codename| *codename != suite));
    let configured = apt::configured(&codenames, stop)?;
    let place = |suffix: &str, given: Option<&Mirror>, flag: &str| -> anyhow::Result<Archive> {
        let suite = format!("{suite}{suffix}");
        let known = codenames
            .iter()
            .map(|codename| format!("{codename}{suffix}"))
            .find_map(|wanted| configured.iter().find(|(_, known)| *known == wanted).map(|(mirror, _)| mirror));
        let mirror = given.or(known).cloned().ok_or_else(|| {
            let example = if suffix == SECURITY { "debian-security" } else { "debian" };
            let message = format!(
                "apt of this machine has no archive of {suite}; name one with: {flag} http://deb.debian.org/{example}"
            );
            Ended::error(Exit::NotFound, message)
        })?;
        Ok(Archive { mirror, suite, components: components.to_vec() })
    };
    let main = place("", mirrors.main, "--mirror")?;
    // Each mirror of Debian has the updates of a release beside the release, also if this machine does not use them.
    let updates = place("-updates", mirrors.main, "--mirror")
        .unwrap_or_else(|_| Archive { suite: format!("{suite}-updates"), ..main.clone() });
    Ok(vec![main, updates, place(SECURITY, mirrors.security, "--security-mirror")?])
}

/// What a person waits for: the servers that apt asks, each once.
pub(crate) fn asking(archives: &[Archive]) -> String {
    let mirrors: Vec<String> = archives.iter().map(|archive| archive.mirror.to_string()).collect();
    let mut hosts: Vec<&str> = mirrors.iter().map(|mirror| host(mirror)).collect();
    hosts.sort_unstable();
    hosts.dedup();
    format!("asking {} for packages, by apt; to stop: Ctrl-C", hosts.join(" and "))
}

/// The host and port in the address of a mirror, without the password that may stand before it.
fn host(mirror: &str) -> &str {
    let rest = mirror.split_once("://").map_or(mirror, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// apt's words for lists and certificates that are not valid by this machine's clock.
const CLOCK: [&str; 5] = [
    "is not valid yet",
    "is not yet valid",
    "Release file is expired",
    "is expired (invalid since",
    "not activated yet",
];

/// Without a network, apt's many lines all mean the same; without the release's keys, they mean something else.
pub(crate) fn explained(error: ExecError, archives: &[Archive]) -> anyhow::Error {
    const WORDS: [&str; 8] = [
        "failure resolving",
        "Could not resolve",
        "Could not connect",
        "Cannot initiate the connection",
        "Unable to connect",
        "Connection timed out",
        "Connection failed",
        "Network is unreachable",
    ];
    let ExecError::Failed { said, .. } = &error else { return error.into() };
    if CLOCK.iter().any(|word| said.contains(word)) {
        let message = format!(
            "the signature of the archive does not fit the clock of this machine, which shows {}; if the clock is wrong, set it with: timedatectl set-ntp true ({said})",
            program::now()
        );
        return Ended::error(Exit::Failed, message);
    }
    if said.contains("NO_PUBKEY") {
        let suite = archives.first().map_or("the release", |archive| archive.suite.as_str());
        return Ended::error(
            Exit::Failed,
            format!(
                "{} of this machine lacks the keys of {suite}; bring it up to date with: apt-get update && apt-get install debian-archive-keyring",
                apt::KEYRING
            ),
        );
    }
    if !WORDS.iter().any(|word| said.contains(word)) {
        return error.into();
    }
    let mut mirrors: Vec<String> = archives.iter().map(|archive| archive.mirror.to_string()).collect();
    mirrors.sort_unstable();
    mirrors.dedup();
    Ended::error(
        Exit::Failed,
        format!(
            "Debian's archive cannot be reached: {}; what is published stays; check the network, set http_proxy and https_proxy behind a proxy, or name another archive with --mirror and --security-mirror",
            mirrors.join(", ")
        ),
    )
}
