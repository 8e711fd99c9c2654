// SPDX-License-Identifier: GPL-3.0-or-later
//! `apt-get` and `apt-config`: which archives this machine uses, and how it reaches them. This installs no package.

use super::{ExecError, Limit, Run, getent};
use crate::types::Invalid;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::AtomicBool;

/// The keyring that proves Debian's archives, and its package.
pub const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The user that apt downloads as (`APT::Sandbox::User`), if this machine has it. Its group is `nogroup`, which other
/// users share.
///
/// # Errors
/// When it cannot be called, or `stop` is set meanwhile.
pub fn download_user(stop: &AtomicBool) -> Result<Option<u32>, ExecError> {
    let line = getent::line("passwd", "_apt", stop)?;
    Ok(line.and_then(|line| line.trim().split(':').nth(2)?.parse().ok()))
}

/// The address of an archive: `http://mirror.example/debian`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror(String);

impl FromStr for Mirror {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
        // Characters that have only one meaning in a line of sources.list.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:@%+".contains(&b);
        if rest.is_empty() || !rest.bytes().all(plain) {
            return Err(Invalid::new("mirror", text, "expected http:// or https:// and an address"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line of sources.list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Where.
    pub mirror: Mirror,
    /// `bookworm-security`.
    pub suite: String,
    /// `main`, `non-free-firmware`.
    pub components: Vec<&'static str>,
}

impl fmt::Display for Archive {
    /// The line, with the keyring that must prove it: no setting of this machine can make apt trust it unproven.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "deb [signed-by={KEYRING}] {} {} {}", self.mirror, self.suite, self.components.join(" "))
    }
}

/// The archives that this machine has configured for these releases and their updates (`bookworm`, `bookworm-security`,
/// `bookworm-updates`); empty if it has none.
///
/// # Errors
/// When apt is missing or fails, or `stop` is set meanwhile.
pub fn configured(codenames: &[&str], stop: &AtomicBool) -> Result<Vec<(Mirror, String)>, ExecError> {
    let format = "$(REPO_URI) $(RELEASE)";
    let text = Run::new("apt-get", "apt")
        .args(["indextargets", "--format", format, "Created-By: Packages", "Component: main"])
        .text(Limit::CHECK.bytes(MAX_TARGETS_BYTES), stop)?;
    Ok(archives_of(&text, codenames))
}

/// A line for each file of each archive of the machine.
const MAX_TARGETS_BYTES: usize = 16 << 20;

fn archives_of(text: &str, codenames: &[&str]) -> Vec<(Mirror, String)> {
    let mut found = Vec::new();
    for line in text.lines() {
        let Some((uri, suite)) = line.split_once(' ') else { continue };
        let known = codenames
            .iter()
            .filter_map(|codename| suite.strip_prefix(codename))
            .any(|rest| matches!(rest, "" | "-security" | "-updates"));
        let Ok(mirror) = uri.parse::<Mirror>() else { continue };
        let archive = (mirror, suite.to_owned());
        if known && !found.contains(&archive) {
            found.push(archive);
        }
    }
    found
}

/// How long apt waits for a silent server, and how often it tries again, unless this machine's configuration of apt sets
/// that. apt's own defaults (30 seconds, 3 times, for each file) add up to minutes without a network.
const TIMEOUTS: [(&str, &str); 2] = [("Acquire::http::Timeout", "10"), ("Acquire::Retries", "1")];

/// How long the resolver waits for name servers, for apt (resolv.conf(5), `RES_OPTIONS`). apt asks for each file again.
pub(super) const RESOLVER: (&str, &str) = ("RES_OPTIONS", "timeout:2 attempts:2");

/// This machine's settings for reaching archives (proxies, timeouts, and whether a frozen mirror's dates are checked), as
/// `Name "value"`. A timeout and a number of retries are always among them.
///
/// # Errors
/// When apt is missing or fails, or `stop` is set meanwhile.
pub fn network_settings(stop: &AtomicBool) -> Result<Vec<String>, ExecError> {
    let text = Run::new("apt-config", "apt").arg("dump").text(Limit::CHECK, stop)?;
    Ok(with_timeouts(settings_of(&text)))
}

fn with_timeouts(mut settings: Vec<String>) -> Vec<String> {
    for (name, value) in TIMEOUTS {
        if !settings.iter().any(|setting| setting.split(' ').next() == Some(name)) {
            settings.push(format!("{name} \"{value}\";"));
        }
    }
    settings
}

fn settings_of(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_suffix(';'))
        .filter(|line| {
            let (name, value) = line.split_once(' ').unwrap_or_default();
            let wanted = name.starts_with("Acquire::http") && (name.contains("Proxy") || name.ends_with("::Timeout"))
                || ["Acquire::Check-Valid-Until", "Acquire::Check-Date", "Acquire::Retries"].contains(&name);
            wanted && value != "\"\""
        })
        .map(|line| format!("{line};"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_of_the_releases_alone() {
        let text = "http://m/debian/ bookworm\nhttp://m/debian/ bookworm\nhttp://s/debian-security/ bookworm-security\n\
                    https://other/ nodistro\nhttp://m/debian/ bookworm-backports\nfile:/srv bookworm\n";
        let found: Vec<String> =
            archives_of(text, &["trixie", "bookworm"]).into_iter().map(|(m, suite)| format!("{m} {suite}")).collect();
        assert_eq!(found, ["http://m/debian bookworm", "http://s/debian-security bookworm-security"]);
        let line = Archive {
            mirror: "http://m/debian/".parse().unwrap(),
            suite: "bookworm".into(),
            components: vec!["main", "non-free-firmware"],
        };
        assert_eq!(
            line.to_string(),
            format!("deb [signed-by={KEYRING}] http://m/debian bookworm main non-free-firmware")
        );
        for bad in ["", "http://", "ftp://x", "http://x y", "http://x\n", "http://x[trusted=yes]"] {
            assert!(bad.parse::<Mirror>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn settings_that_reach_the_archive() {
        let text = "APT \"\";\nAcquire \"\";\nAcquire::http::Proxy \"http://p:3128\";\nAcquire::http::Proxy::s \"DIRECT\";\n\
                    Acquire::Check-Date \"false\";\nAcquire::AllowInsecureRepositories \"1\";\nAcquire::https \"\";\n";
        assert_eq!(
            settings_of(text),
            [
                "Acquire::http::Proxy \"http://p:3128\";",
                "Acquire::http::Proxy::s \"DIRECT\";",
                "Acquire::Check-Date \"false\";"
            ]
        );
        let configured = settings_of("Acquire::Retries \"7\";\nAcquire::https::Timeout \"90\";\n");
        assert_eq!(
            with_timeouts(configured),
            ["Acquire::Retries \"7\";", "Acquire::https::Timeout \"90\";", "Acquire::http::Timeout \"10\";"]
        );
    }
}
